"""The closed sets of the order process. Knows nothing of storage or HTTP."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    """Fulfilment status; a case's marking is the truth, this is what its wait node shows."""

    DRAFT = "draft"  # 草稿: being written in a conversation, no order yet
    PENDING_CONFIRMATION = "pending_confirmation"  # 待确认: placed, waits for sales
    PENDING_APPROVAL = "pending_approval"  # 待审批: confirmed above the limit of who did it, waits for who may
    CONFIRMED = "confirmed"  # 已确认待入库: invoice sent, waits for the goods in stock
    AWAITING_SHIPMENT = "awaiting_shipment"  # 待发运: goods are in stock, R1 opens
    SHIPPED = "shipped"  # 已发运: every line left the house or was cancelled
    IN_ACCOUNT_PERIOD = "in_account_period"  # 账期中: the customer's days to pay run
    SETTLED = "settled"  # 已结算: paid or posted to the account
    ON_HOLD = "on_hold"  # 挂起: stopped by a person, with a reason
    CANCELLED = "cancelled"  # 已取消


class PaymentStatus(StrEnum):
    """Payment is apart from fulfilment."""

    UNPAID = "unpaid"  # 待支付
    PAID = "paid"  # 已支付: a payment is recorded
    OVERDUE = "overdue"  # 逾期: settled without a payment
    REFUNDED = "refunded"  # 已退款


class Role(StrEnum):
    """Who acts; `system` is the worker carrying automatic nodes."""

    CUSTOMER = "customer"
    SALES = "sales"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    MANAGER = "manager"
    ADMIN = "admin"
    SYSTEM = "system"


class DeliveryMode(StrEnum):
    """How the goods reach the customer."""

    DIRECT = "direct"  # 仓库直发
    COURIER = "courier"  # 快递
    OWN = "own"  # 自送: our own van
    PICKUP = "pickup"  # 自提: the customer collects
