"""What can be imported and of which fields it consists: the kinds, their fields, each field's type. Knows no file,
no header name and no storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a table holds."""

    ORDERS = "orders"  # a row is an order, or a line of one
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    STOCK = "stock"  # a row is a product in a warehouse
    SHIPMENTS = "shipments"  # a row is a parcel of an order


class Field(StrEnum):
    """What a column can be."""

    ORDER_NUMBER = "order_number"
    LINE_NUMBER = "line_number"
    INVOICE_NUMBER = "invoice_number"
    STATUS = "status"
    PAYMENT_STATUS = "payment_status"
    CUSTOMER_ID = "customer_id"
    CUSTOMER_NAME = "customer_name"
    CONTACT = "contact"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    CITY = "city"
    REGION = "region"
    POSTCODE = "postcode"
    SKU = "sku"
    PRODUCT_NAME = "product_name"
    PRODUCT_NAME_EN = "product_name_en"
    CATEGORY = "category"
    QUANTITY = "quantity"
    UNIT = "unit"
    UNIT_PRICE = "unit_price"
    DISCOUNT = "discount"  # a share of the price
    DISCOUNT_AMOUNT = "discount_amount"
    LINE_TOTAL = "line_total"
    TAX = "tax"
    TOTAL = "total"
    CURRENCY = "currency"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    PAID_AT = "paid_at"
    CANCELLED_AT = "cancelled_at"
    SHIPPED_AT = "shipped_at"
    DELIVERED_AT = "delivered_at"
    REQUIRED_ON = "required_on"
    CARRIER = "carrier"
    TRACKING_NUMBER = "tracking_number"
    FREIGHT = "freight"
    DELIVERY_MODE = "delivery_mode"
    WAREHOUSE = "warehouse"
    WAREHOUSE_NAME = "warehouse_name"
    RESERVED = "reserved"
    WEIGHT = "weight"
    ACCOUNT_DAYS = "account_days"
    CREDIT_LIMIT = "credit_limit"
    CUSTOMER_CLASS = "customer_class"
    LANGUAGE = "language"
    ALIASES = "aliases"
    UNITS = "units"
    ACTIVE = "active"
    NOTE = "note"


class ValueType(StrEnum):
    """How a column's values are read, and what they become."""

    TEXT = "text"  # str, as people wrote it
    CODE = "code"  # str: a number of something; leading zeros and letter case stay
    MONEY = "money"  # Decimal, rounded half-up to the currency's places
    PRICE = "price"  # Decimal of one piece: may be finer than the currency's coins
    NUMBER = "number"  # Decimal
    SHARE = "share"  # Decimal: 0.05 is five per cent
    MOMENT = "moment"  # aware UTC datetime
    DAY = "day"  # date
    WORD = "word"  # str: one of a system's own words, a status say
    FLAG = "flag"  # bool
    EMAIL = "email"
    PHONE = "phone"
    CURRENCY = "currency"  # ISO 4217
    UNIT = "unit"
    TERMS = "terms"  # str: days to pay, "30" or "30 EOM"
    CARRIER = "carrier"  # the code of a known carrier, else the name as given


@dataclass(frozen=True)
class FieldSpec:
    """A field's type and the kinds that have it.

    Attributes:
        blanked: a value that can't be read is left out and told of; otherwise its row is refused.
        not_negative: the kinds in which a negative number is refused.
        longest: characters of a code.
    """

    field: Field
    type: ValueType
    kinds: Collection[Kind]
    blanked: bool = False
    not_negative: Collection[Kind] = ()
    longest: int = 200


_ALL = frozenset(Kind)
_O, _C, _P, _S, _H = Kind.ORDERS, Kind.CUSTOMERS, Kind.PRODUCTS, Kind.STOCK, Kind.SHIPMENTS
SPECS: Mapping[Field, FieldSpec] = {
    spec.field: spec
    for spec in (
        FieldSpec(Field.ORDER_NUMBER, ValueType.CODE, (_O, _H)),
        FieldSpec(Field.LINE_NUMBER, ValueType.CODE, (_O,)),
        FieldSpec(Field.INVOICE_NUMBER, ValueType.CODE, (_O,)),
        FieldSpec(Field.STATUS, ValueType.WORD, (_O, _H)),
        FieldSpec(Field.PAYMENT_STATUS, ValueType.WORD, (_O,)),
        FieldSpec(Field.CUSTOMER_ID, ValueType.CODE, (_O, _C, _H)),
        FieldSpec(Field.CUSTOMER_NAME, ValueType.TEXT, (_O, _C, _H)),
        FieldSpec(Field.CONTACT, ValueType.TEXT, (_O, _C, _H)),
        FieldSpec(Field.EMAIL, ValueType.EMAIL, (_O, _C, _H), blanked=True),
        FieldSpec(Field.PHONE, ValueType.PHONE, (_O, _C, _H), blanked=True),
        FieldSpec(Field.ADDRESS, ValueType.TEXT, (_O, _C, _S, _H)),
        FieldSpec(Field.CITY, ValueType.TEXT, (_O, _C, _H)),
        FieldSpec(Field.REGION, ValueType.TEXT, (_O, _C, _H)),
        FieldSpec(Field.POSTCODE, ValueType.CODE, (_O, _C, _H), blanked=True),
        FieldSpec(Field.SKU, ValueType.CODE, (_O, _P, _S, _H), longest=64),
        FieldSpec(Field.PRODUCT_NAME, ValueType.TEXT, (_O, _P, _S, _H)),
        FieldSpec(Field.PRODUCT_NAME_EN, ValueType.TEXT, (_O, _P, _S)),
        FieldSpec(Field.CATEGORY, ValueType.TEXT, (_O, _P)),
        FieldSpec(Field.QUANTITY, ValueType.NUMBER, (_O, _S, _H), not_negative=(_S, _H)),
        FieldSpec(Field.UNIT, ValueType.UNIT, (_O, _P, _S, _H)),
        FieldSpec(Field.UNIT_PRICE, ValueType.PRICE, (_O, _P), not_negative=(_P,)),
        FieldSpec(Field.DISCOUNT, ValueType.SHARE, (_O,), not_negative=_ALL),
        FieldSpec(Field.DISCOUNT_AMOUNT, ValueType.MONEY, (_O,)),
        FieldSpec(Field.LINE_TOTAL, ValueType.MONEY, (_O,)),
        FieldSpec(Field.TAX, ValueType.MONEY, (_O,)),
        FieldSpec(Field.TOTAL, ValueType.MONEY, (_O,)),
        FieldSpec(Field.CURRENCY, ValueType.CURRENCY, (_O, _P, _H)),
        FieldSpec(Field.CREATED_AT, ValueType.MOMENT, _ALL),
        FieldSpec(Field.UPDATED_AT, ValueType.MOMENT, _ALL),
        FieldSpec(Field.PAID_AT, ValueType.MOMENT, (_O,)),
        FieldSpec(Field.CANCELLED_AT, ValueType.MOMENT, (_O,)),
        FieldSpec(Field.SHIPPED_AT, ValueType.MOMENT, (_O, _H)),
        FieldSpec(Field.DELIVERED_AT, ValueType.MOMENT, (_O, _H)),
        FieldSpec(Field.REQUIRED_ON, ValueType.DAY, (_O,)),
        FieldSpec(Field.CARRIER, ValueType.CARRIER, (_O, _H)),
        FieldSpec(Field.TRACKING_NUMBER, ValueType.CODE, (_O, _H)),
        FieldSpec(Field.FREIGHT, ValueType.MONEY, (_O, _H), not_negative=_ALL),
        FieldSpec(Field.DELIVERY_MODE, ValueType.WORD, (_O,)),
        FieldSpec(Field.WAREHOUSE, ValueType.CODE, (_O, _S, _H), longest=64),
        FieldSpec(Field.WAREHOUSE_NAME, ValueType.TEXT, (_S,)),
        FieldSpec(Field.RESERVED, ValueType.NUMBER, (_S,), not_negative=_ALL),
        FieldSpec(Field.WEIGHT, ValueType.NUMBER, (_P, _H), not_negative=_ALL),
        FieldSpec(Field.ACCOUNT_DAYS, ValueType.TERMS, (_C,)),
        FieldSpec(Field.CREDIT_LIMIT, ValueType.MONEY, (_C,), not_negative=_ALL),
        FieldSpec(Field.CUSTOMER_CLASS, ValueType.WORD, (_C,)),
        FieldSpec(Field.LANGUAGE, ValueType.WORD, (_C,)),
        FieldSpec(Field.ALIASES, ValueType.TEXT, (_C, _P)),
        FieldSpec(Field.UNITS, ValueType.TEXT, (_P,)),
        FieldSpec(Field.ACTIVE, ValueType.FLAG, (_C, _P, _S), blanked=True),
        FieldSpec(Field.NOTE, ValueType.TEXT, _ALL),
    )
}

LINES = (Field.QUANTITY,)  # a table of orders with one of these has an order line in each row
Alternatives = tuple[Field, ...]
_REQUIRED: Mapping[Kind, tuple[Alternatives, ...]] = {
    Kind.ORDERS: ((Field.ORDER_NUMBER,), (Field.CUSTOMER_ID, Field.CUSTOMER_NAME)),
    Kind.CUSTOMERS: ((Field.CUSTOMER_ID, Field.CUSTOMER_NAME),),
    Kind.PRODUCTS: ((Field.SKU, Field.PRODUCT_NAME, Field.PRODUCT_NAME_EN),),
    Kind.STOCK: ((Field.WAREHOUSE, Field.WAREHOUSE_NAME), (Field.SKU, Field.PRODUCT_NAME), (Field.QUANTITY,)),
    Kind.SHIPMENTS: ((Field.ORDER_NUMBER,), (Field.CARRIER, Field.TRACKING_NUMBER)),
}
_LINE: tuple[Alternatives, ...] = (
    (Field.SKU, Field.PRODUCT_NAME),
    (Field.QUANTITY,),
    (Field.UNIT_PRICE, Field.LINE_TOTAL),
)


def has_lines(columns: Collection[Field]) -> bool:
    """Whether a row of orders is an order line; else it is a whole order."""
    return any(field in columns for field in LINES)


def required(kind: Kind, columns: Collection[Field]) -> tuple[Alternatives, ...]:
    """What each row must have: of every group at least one. A table of lines alone needs no customer."""
    if kind is not Kind.ORDERS:
        return _REQUIRED[kind]
    if not has_lines(columns):
        return (*_REQUIRED[kind], (Field.TOTAL,))
    named = any(field in columns for field in (Field.CUSTOMER_ID, Field.CUSTOMER_NAME))
    return (*_REQUIRED[kind][: 2 if named else 1], *_LINE)
