"""Which column of a foreign file is which of our fields. Knows header names, nothing of values or storage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deskhand.erp import kinds
from deskhand.erp.mapping import Mapping as Agreed
from deskhand.erp.sources.model import Table


class Field(StrEnum):
    """What an order file can hold. One row is an order line, or a whole order when it has a total alone."""

    ORDER_NUMBER = "order_number"
    CUSTOMER_ID = "customer_id"
    CUSTOMER_NAME = "customer_name"
    EMAIL = "email"
    REGION = "region"
    SKU = "sku"
    PRODUCT_NAME = "product_name"
    QUANTITY = "quantity"
    UNIT_PRICE = "unit_price"
    DISCOUNT = "discount"
    TOTAL = "total"
    CURRENCY = "currency"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    PAID_AT = "paid_at"
    SHIPPED_AT = "shipped_at"
    REQUIRED_ON = "required_on"
    ADDRESS = "address"
    CARRIER = "carrier"
    TRACKING_NUMBER = "tracking_number"
    FREIGHT = "freight"


# Header names as other systems write them, spaces, case and punctuation removed.
NAMES: Mapping[Field, str] = {
    Field.ORDER_NUMBER: ("orderno ordernumber orderid invoiceno invoice number 订单号 订单编号 单号 发票号"),
    Field.CUSTOMER_ID: ("customerid customerno customercode 客户编号 客户号 客户代码"),
    Field.CUSTOMER_NAME: ("customer customername companyname company client 客户 客户名称 公司 公司名称"),
    Field.EMAIL: ("email mail customeremail 邮箱 电子邮件"),
    Field.REGION: ("country region shipcountry 国家 地区"),
    Field.SKU: ("sku stockcode productcode productid itemcode item 商品编号 商品编码 货号 物料号"),
    Field.PRODUCT_NAME: ("description product productname itemname 商品 商品名称 品名 产品 产品名称"),
    Field.QUANTITY: ("quantity qty 数量"),
    Field.UNIT_PRICE: ("unitprice price 单价 价格"),
    Field.DISCOUNT: ("discount 折扣"),
    Field.TOTAL: ("total ordertotal amount totalamount 总额 总价 订单金额 金额 合计"),
    Field.CURRENCY: ("currency 币种 货币"),
    Field.CREATED_AT: ("orderdate invoicedate created createdat date 下单时间 订单日期 创建时间 日期"),
    Field.UPDATED_AT: ("updated updatedat modified modifiedat 更新时间 修改时间"),
    Field.PAID_AT: ("paid paidat paymentdate paiddate 付款时间 支付时间 付款日期"),
    Field.SHIPPED_AT: ("shippeddate shipped shippedat 发货时间 发货日期"),
    Field.REQUIRED_ON: ("requireddate deliverydate duedate 交货日期 要求日期 送货日期"),
    Field.ADDRESS: ("address shipaddress shiptoaddress deliveryaddress 地址 收货地址 送货地址"),
    Field.CARRIER: ("carrier shipper shippername shipvia 承运商 快递公司 物流公司"),
    Field.TRACKING_NUMBER: ("trackingnumber trackingno tracking 运单号 快递单号 物流单号"),
    Field.FREIGHT: ("freight shippingcost 运费"),
}

_BY_NAME = {name: field for field, names in NAMES.items() for name in names.split()}


class ColumnsNotRecognised(Exception):
    """The file lacks a column without which nothing can be imported; the message says which and what was found."""


def recognise(header: Sequence[str]) -> dict[Field, int]:
    """Field -> index of the column. The first column of a name wins; unknown columns are left out.

    Raises:
        ColumnsNotRecognised: no order number, no customer, or neither lines nor a total.
    """
    found: dict[Field, int] = {}
    for index, name in enumerate(header):
        field = _BY_NAME.get(_plain(name))
        if field is not None:
            found.setdefault(field, index)
    _require(found, header)
    return found


def _require(found: Mapping[Field, int], header: Sequence[str]) -> None:
    missing = [] if Field.ORDER_NUMBER in found else ["an order number"]
    if Field.CUSTOMER_ID not in found and Field.CUSTOMER_NAME not in found:
        missing.append("a customer")
    has_lines = {Field.QUANTITY, Field.UNIT_PRICE} <= found.keys() and (
        Field.SKU in found or Field.PRODUCT_NAME in found
    )
    if not has_lines and Field.TOTAL not in found:
        missing.append("order lines (product, quantity, unit price) or a total")
    if missing:
        raise ColumnsNotRecognised(f"no column for {', '.join(missing)} among: {', '.join(header) or '(empty file)'}")


def has_lines(columns: Mapping[Field, int]) -> bool:
    """Whether a row is an order line; else it is a whole order with its total."""
    return Field.QUANTITY in columns and Field.UNIT_PRICE in columns


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-.:/()（）]+", "", name).lower()


@dataclass(frozen=True, slots=True)
class Column:
    """Which column is taken for a field, how sure that is, and why."""

    index: int
    header: str
    confidence: float
    reason: str  # a code: name, name_and_values, like_name, values, mapping
    rivals: tuple[str, ...] = ()  # headers of columns that would fit too


@dataclass(frozen=True, slots=True)
class Unused:
    """A column that is taken for nothing, and why: a stable code."""

    index: int
    header: str
    why: str  # unknown, rival, empty, dropped, other_kind
    field: kinds.Field | None = None  # what it could have been


@dataclass(frozen=True)
class Proposal:
    """What the columns of a table are taken for; nothing is written before people agree."""

    kind: kinds.Kind
    kind_confidence: float
    columns: Mapping[kinds.Field, Column]
    unused: tuple[Unused, ...]
    missing: tuple[kinds.Alternatives, ...]  # of every group one field is needed

    @property
    def usable(self) -> bool:
        return not self.missing

    @property
    def confidence(self) -> float:
        """Of the least certain column that is needed."""
        needed = {field for group in kinds.required(self.kind, self.columns) for field in group}
        return min((column.confidence for field, column in self.columns.items() if field in needed), default=0.0)


def propose(table: Table, kind: kinds.Kind | None = None, mapping: Agreed | None = None) -> Proposal:
    """Which column is which field; the kind is guessed when None. A mapping decides what it names."""
    raise NotImplementedError
