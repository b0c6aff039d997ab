"""The tables. Every one has the tenant as the first column of its key."""

from deskhand.store.schema.base import metadata
from deskhand.store.schema.cases import case_document, case_file, scheduled_start, task_claim
from deskhand.store.schema.catalogue import app_user, customer, product, sequence, stock, stock_movement, warehouse
from deskhand.store.schema.delegations import delegation
from deskhand.store.schema.identity import api_key, external_identity, session
from deskhand.store.schema.import_jobs import import_job
from deskhand.store.schema.imports import imported_file, order_candidate, source_record
from deskhand.store.schema.knowledge import knowledge_passage, knowledge_search, knowledge_state
from deskhand.store.schema.messengers import messenger_link, messenger_post
from deskhand.store.schema.notices import notice_preference, notice_waiting
from deskhand.store.schema.orders import (
    case,
    credit_note,
    freight_settlement,
    history,
    import_run,
    invoice,
    order_line,
    parcel,
    payment,
    sales_order,
    settlement,
    settlement_line,
    shipment,
)
from deskhand.store.schema.outbox import audit, chain_head, delivery, inbox, outbox_event
from deskhand.store.schema.processes import process_version
from deskhand.store.schema.reply_templates import reply_template
from deskhand.store.schema.robots import credential, robot_evidence, robot_licence, robot_switch, work_item
from deskhand.store.schema.talk import (
    card,
    conversation,
    draft,
    handover,
    message,
    notification,
    notification_cursor,
    text_record,
)
from deskhand.store.schema.tenants import known_tenant

__all__ = [
    "api_key",
    "app_user",
    "audit",
    "card",
    "case",
    "case_document",
    "case_file",
    "chain_head",
    "conversation",
    "credential",
    "credit_note",
    "customer",
    "delegation",
    "delivery",
    "draft",
    "external_identity",
    "freight_settlement",
    "handover",
    "history",
    "import_job",
    "import_run",
    "imported_file",
    "inbox",
    "invoice",
    "knowledge_passage",
    "knowledge_search",
    "knowledge_state",
    "known_tenant",
    "message",
    "messenger_link",
    "messenger_post",
    "metadata",
    "notice_preference",
    "notice_waiting",
    "notification",
    "notification_cursor",
    "order_candidate",
    "order_line",
    "outbox_event",
    "parcel",
    "payment",
    "process_version",
    "product",
    "reply_template",
    "robot_evidence",
    "robot_licence",
    "robot_switch",
    "sales_order",
    "scheduled_start",
    "sequence",
    "session",
    "settlement",
    "settlement_line",
    "shipment",
    "source_record",
    "stock",
    "stock_movement",
    "task_claim",
    "text_record",
    "warehouse",
    "work_item",
]
