"""What has happened, in the past tense. The outbox stores these; consumers turn them into effects.

`CONSUMERS` says which worker consumer hears of which event; a delivery row for each is written in
the same transaction as the event itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventName(StrEnum):
    ORDER_PLACED = "OrderPlaced"
    ORDER_CONFIRMED = "OrderConfirmed"
    APPROVAL_NEEDED = "ApprovalNeeded"  # confirmed above a limit: somebody has to approve it
    ORDER_APPROVED = "OrderApproved"
    ORDER_REJECTED = "OrderRejected"
    GOODS_RECEIVED = "GoodsReceived"
    SHIPMENT_INFORMATION_GIVEN = "ShipmentInformationGiven"
    SHIPMENT_INFORMATION_CHANGED = "ShipmentInformationChanged"
    SHIPMENT_COMPLETED = "ShipmentCompleted"
    FREIGHT_COMPUTED = "FreightComputed"
    ACCOUNT_PERIOD_STARTED = "AccountPeriodStarted"
    PAYMENT_RECORDED = "PaymentRecorded"
    PAYMENT_SETTLED = "PaymentSettled"  # one order entered a settlement
    SETTLEMENT_POSTED = "SettlementPosted"  # the day's settlement as a whole
    FREIGHT_SETTLED = "FreightSettled"
    ORDER_CANCELLED = "OrderCancelled"
    LINE_CANCELLED = "LineCancelled"
    PART_SHIPPED = "PartShipped"  # some of the order left, the rest is still open
    GOODS_BACK_ORDERED = "GoodsBackOrdered"  # some of what was expected did not come in
    GOODS_RETURNED = "GoodsReturned"
    RESERVATION_EXPIRED = "ReservationExpired"
    CREDIT_NOTE_ISSUED = "CreditNoteIssued"  # decided and recorded; it leaves when the undo window is over
    CREDIT_NOTE_SENT = "CreditNoteSent"  # the consumer `mail` makes and carries the document
    ORDER_AMENDED = "OrderAmended"
    ORDER_HELD = "OrderHeld"
    ORDER_RELEASED = "OrderReleased"
    CREDIT_CLEARED = "CreditCleared"  # held for credit; since a payment the table would let it go on
    CHANGE_UNDONE = "ChangeUndone"
    INVOICE_REQUESTED = "InvoiceRequested"  # first sending or again; the worker makes and sends it
    INVOICE_SENT = "InvoiceSent"  # decided and counted; the consumer `mail` makes and carries the documents
    DELIVERY_NOTE_SENT = "DeliveryNoteSent"
    ORDERS_IMPORTED = "OrdersImported"
    TEXT_REQUESTED = "TextRequested"  # by a person in chat: the model writes it while they go on
    TEXT_WRITTEN = "TextWritten"  # it is there, for whoever asked for it
    RISK_FOUND = "RiskFound"  # by the rules of risks.yml, in schedules and open orders
    RECEIPT_REQUESTED = "ReceiptRequested"  # an imported order that is open: the worker writes its receipt text
    PERSON_REQUESTED = "PersonRequested"  # somebody in chat wants to talk to a person
    CONVERSATION_DELETED = "ConversationDeleted"  # by whose it was; Rasa has a copy of it
    CASE_STOPPED = "CaseStopped"  # an automatic node stopped: rule, missing data
    CASE_STARTED = "CaseStarted"  # of a process other than the orders' own, as all that follow
    TASK_WAITING = "TaskWaiting"
    TASK_DECIDED = "TaskDecided"
    TASK_OVERDUE = "TaskOverdue"  # a timer at a task has fired
    CASE_WITHDRAWN = "CaseWithdrawn"
    CASE_CORRECTED = "CaseCorrected"  # who began it has said something else, or something more
    CASE_ENDED = "CaseEnded"
    CASE_NOTICE = "CaseNotice"  # a service task `notify` of the diagram
    DOCUMENT_WRITTEN = "DocumentWritten"
    CONNECTOR_REQUESTED = "ConnectorRequested"  # a service task calls a system of connectors/
    ROBOT_REQUESTED = "RobotRequested"  # a service task has a robot do something on another system's screen
    ROBOT_OUTCOME = "RobotOutcome"  # what came of it, for the case that waits or for a person
    ROBOT_FAILED = "RobotFailed"  # given up: somebody has to look at the robot or its system
    NOTICE_POSTED = "NoticePosted"  # by a person or another system, for somebody; it says for whom and in which words
    SLACK_POST = "SlackPost"  # something is to be posted, or what was posted has changed
    TEAMS_POST = "TeamsPost"
    MAIL_POST = "MailPost"  # a notice or a digest goes to one of the company's own people by mail
    DELIVERY_FAILED = "DeliveryFailed"  # an effect was given up; it waits among the dead letters for a person


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """`payload` is JSON: str, int, bool, None, lists and dicts; money and dates as strings."""

    name: EventName
    order_id: str | None
    payload: Mapping[str, object] = field(default_factory=dict)


POSTED_TO = "posted_to"  # in the payload of a posted notice: its audience

# Kinds of notices that are no events: told further because nobody acknowledged, and several told as one.
ESCALATED, DIGEST = "Escalated", "Digest"

NOTIFY = "notify"  # the projector: notification rows in commit order
INVOICE = "invoice"  # counts one sending of the invoice and writes its covering note
TEXT = "text"  # writes a text that somebody asked for in chat
RECEIPT = "receipt"  # writes the text that says an imported order has come in
CREDIT_NOTE = "credit_note"  # sends a credit note, once
DELIVERY_NOTE = "delivery_note"
FREIGHT = "freight"
CONNECTOR = "connector"  # calls another system, and says the case how that went
ROBOT = "robot"  # makes a work item for a robot of what a case asks for
ROBOT_OUTCOME = "robot_outcome"  # says the case, or a person, how a robot's work has ended
FORGET = "forget"  # what was deleted here goes from Rasa's record too
SLACK, TEAMS = "slack", "teams"  # post what is said to people there, one by one
NOTICE_MAIL = "notice_mail"  # notices that people of the house want by mail
COPIES = "copies"  # what was shown in Slack and Teams of a task says who did it, and when
MAIL = "mail"  # the documents themselves: files in the outbox folder, and by SMTP

CONSUMERS: Mapping[EventName, tuple[str, ...]] = {
    **{name: (NOTIFY,) for name in EventName},
    EventName.INVOICE_REQUESTED: (INVOICE,),
    EventName.RECEIPT_REQUESTED: (RECEIPT,),
    EventName.TEXT_REQUESTED: (TEXT,),
    EventName.CONVERSATION_DELETED: (FORGET,),
    EventName.CONNECTOR_REQUESTED: (CONNECTOR,),
    EventName.ROBOT_REQUESTED: (ROBOT,),
    EventName.ROBOT_OUTCOME: (ROBOT_OUTCOME,),
    EventName.SHIPMENT_COMPLETED: (NOTIFY, FREIGHT, DELIVERY_NOTE),
    EventName.PART_SHIPPED: (NOTIFY, FREIGHT, DELIVERY_NOTE),
    EventName.CREDIT_NOTE_ISSUED: (NOTIFY, CREDIT_NOTE),
    EventName.CREDIT_NOTE_SENT: (NOTIFY, MAIL),
    EventName.INVOICE_SENT: (NOTIFY, MAIL),
    EventName.DELIVERY_NOTE_SENT: (NOTIFY, MAIL),
    EventName.SLACK_POST: (SLACK,),
    EventName.TEAMS_POST: (TEAMS,),
    EventName.MAIL_POST: (NOTICE_MAIL,),
    EventName.ORDER_APPROVED: (NOTIFY, COPIES),
    EventName.ORDER_REJECTED: (NOTIFY, COPIES),
    EventName.TASK_DECIDED: (NOTIFY, COPIES),
}

LEAVES_THE_HOUSE = frozenset({INVOICE, CREDIT_NOTE, DELIVERY_NOTE})  # due at the end of the undo window

CASE_EVENTS = (
    *(EventName.CASE_STARTED, EventName.TASK_WAITING, EventName.TASK_DECIDED, EventName.TASK_OVERDUE),
    *(EventName.CASE_WITHDRAWN, EventName.CASE_ENDED, EventName.CASE_STOPPED, EventName.DOCUMENT_WRITTEN),
    EventName.CASE_CORRECTED,
)
"""Of which process.yml of any process may say who hears of them."""
