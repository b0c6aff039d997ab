"""Refusals of the order domain.

DeskhandError
├── OrderError                     something about one order or command
│   ├── UnknownOrder               not_found
│   ├── UnknownCustomer            unknown_customer
│   ├── UnknownProduct             unknown_product
│   ├── UnknownUnit                unknown_unit
│   ├── UnknownWarehouse           unknown_warehouse
│   ├── InvalidQuantity            invalid_quantity
│   ├── UnknownLine                unknown_line
│   ├── MoreThanThere              more_than_there
│   ├── DateInPast                 date_in_past
│   ├── NothingOrdered             nothing_ordered
│   ├── TotalDiffers               total_differs
│   ├── CurrencyDiffers            currency_differs
│   ├── TermsOutOfRange            terms_out_of_range
│   ├── NotPossibleNow             not_possible_now
│   │   ├── NotAwaitingShipment    not_awaiting_shipment   (R1)
│   │   ├── NothingShipped         nothing_shipped
│   │   ├── LastLine               last_line
│   │   └── ParcelAlreadyGiven     parcel_already_given
│   ├── DataMissing                data_missing
│   ├── NotCovered                 lines_not_covered
│   ├── DuplicateOrder             duplicate_order
│   ├── InsufficientStock          insufficient_stock
│   ├── CreditRefused              credit_refused
│   ├── PossibleDuplicate          possible_duplicate
│   ├── PaymentAboveTotal          payment_above_total
│   ├── NothingAmended             nothing_amended
│   ├── NothingToUndo              nothing_to_undo
│   ├── UndoWindowOver             undo_window_over
│   └── ParcelAmbiguous            parcel_ambiguous
├── RoleNotAllowed                 role_not_allowed
│   ├── StatusNotAllowed           status_not_allowed
│   ├── AmountAboveLimit           amount_above_limit
│   ├── FourEyesNeeded             four_eyes_needed
│   └── TermsNotGranted            terms_not_granted
├── DelegationError                delegation_error
│   ├── UnknownUser                unknown_user
│   ├── UnknownDelegation          unknown_delegation
│   └── DelegationRefused          delegation_refused
├── VersionConflict                version_conflict
├── ProcessVersionUnknown          process_version_unknown
├── CardError
│   ├── CardExpired                card_expired
│   ├── CardUsed                   card_used
│   └── CardUnknown                card_unknown
├── MustBeHeard                    must_be_heard
├── ImportGone                     import_gone
├── CandidateGone                  candidate_gone
├── TextNotPossible                text_not_possible
├── TenantNotServed                tenant_not_served
└── RequestRepeated                idempotency_key_reused
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import ClassVar


class DeskhandError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "refused"
    kept_back: ClassVar[frozenset[str]] = frozenset()  # what of its data is not for the audit

    def __init__(self, **data: object) -> None:
        """`data` is what the texts need: order number, present status, what would be next."""
        self.data = data
        super().__init__(self._sentence().format_map(_Lenient(data)))

    def _sentence(self) -> str:
        return inspect.cleandoc(type(self).__doc__ or "")


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


class OrderError(DeskhandError):
    """The order desk refused this."""

    code = "order_error"


class UnknownOrder(OrderError):
    """There is no order {number}."""

    code = "not_found"


class UnknownCustomer(OrderError):
    """There is no customer {customer}."""

    code = "unknown_customer"


class UnknownProduct(OrderError):
    """There is no product {product}."""

    code = "unknown_product"


class UnknownUnit(OrderError):
    """{product} is not sold by the {unit}; possible: {units}."""

    code = "unknown_unit"


class UnknownWarehouse(OrderError):
    """There is no warehouse {warehouse}."""

    code = "unknown_warehouse"


class InvalidQuantity(OrderError):
    """{quantity} is not a quantity that can be ordered."""

    code = "invalid_quantity"


class UnknownLine(OrderError):
    """Order {number} has no line {line} that is open."""

    code = "unknown_line"


class MoreThanThere(OrderError):
    """{product}: there are {available} of it in order {number} for this, {wanted} wanted."""

    code = "more_than_there"


class DateInPast(OrderError):
    """{date} is in the past."""

    code = "date_in_past"


class NothingOrdered(OrderError):
    """An order needs lines, or a total."""

    code = "nothing_ordered"


class TotalDiffers(OrderError):
    """The lines add up to {lines}, not to {total}."""

    code = "total_differs"


class CurrencyDiffers(OrderError):
    """{product} is priced in {currency}, the order is in {wanted}."""

    code = "currency_differs"


class TermsOutOfRange(OrderError):
    """{days} days to pay are not between 0 and {most}."""

    code = "terms_out_of_range"


class NotPossibleNow(OrderError):
    """Order {number} is {status}; {event} is not possible now. Next: {next}."""

    code = "not_possible_now"


class NotAwaitingShipment(NotPossibleNow):
    """Order {number} is {status}; shipment information is taken while it awaits shipment. Next: {next}."""

    code = "not_awaiting_shipment"


class NothingShipped(NotPossibleNow):
    """Order {number} is {status}; nothing of it was shipped that could come back."""

    code = "nothing_shipped"


class LastLine(NotPossibleNow):
    """Nothing else is left of order {number}: cancel the whole order."""

    code = "last_line"


class ParcelAlreadyGiven(NotPossibleNow):
    """Order {number} has a parcel and can't be amended. Change the shipment information, or place another order."""

    code = "parcel_already_given"


class DataMissing(OrderError):
    """Order {number} lacks {missing}."""

    code = "data_missing"


class NotCovered(OrderError):
    """Nothing of order {number} can leave: what is open has not come in, or is in no parcel."""

    code = "lines_not_covered"


class DuplicateOrder(OrderError):
    """{source} order {external_number} is already here as {number}."""

    code = "duplicate_order"


class CreditRefused(OrderError):
    """Order {number} is not confirmed: {reason}."""

    code = "credit_refused"


class PossibleDuplicate(OrderError):
    """This looks like order {number} of {when}."""

    code = "possible_duplicate"


class PaymentAboveTotal(OrderError):
    """Of order {number} {owed} is still to be paid; {amount} is more."""

    code = "payment_above_total"


class InsufficientStock(OrderError):
    """{product}: {available} in stock, {wanted} wanted."""

    code = "insufficient_stock"


class NothingAmended(OrderError):
    """Order {number} is like that already; nothing would change."""

    code = "nothing_amended"


class MustBeHeard(DeskhandError):
    """{en} can't be switched off altogether in your role ({role}): leave it on somewhere, at once or in a digest."""

    code = "must_be_heard"


class NothingToUndo(OrderError):
    """There is nothing of yours to undo."""

    code = "nothing_to_undo"


class UndoWindowOver(OrderError):
    """The {seconds} seconds for undoing {number} are over."""

    code = "undo_window_over"


class ParcelAmbiguous(OrderError):
    """Order {number} has several parcels: {parcels}."""

    code = "parcel_ambiguous"


class RoleNotAllowed(DeskhandError):
    """Role {role} may not do {event}."""

    code = "role_not_allowed"


class StatusNotAllowed(RoleNotAllowed):
    """Role {role} may not do {event} while order {number} is {status}."""

    code = "status_not_allowed"


class AmountAboveLimit(RoleNotAllowed):
    """Role {role} may do {event} up to {limit}; order {number} is above it."""

    code = "amount_above_limit"


class FourEyesNeeded(RoleNotAllowed):
    """Somebody who has not placed or changed order {number} has to do {event}."""

    code = "four_eyes_needed"


class TermsNotGranted(RoleNotAllowed):
    """{role} can't agree to {days} days to pay; this customer's are {usual}."""

    code = "terms_not_granted"


class DelegationError(DeskhandError):
    """Rights can't be lent like this."""

    code = "delegation_error"


class UnknownUser(DelegationError):
    """There is no user {user}."""

    code = "unknown_user"


class UnknownDelegation(DelegationError):
    """There is no such delegation of yours."""

    code = "unknown_delegation"


class DelegationRefused(DelegationError):
    """{away} can't lend rights to {delegate}."""

    code = "delegation_refused"
    because: ClassVar[Mapping[str, str]] = {
        "to_oneself": "{away} has these rights already: rights are lent to somebody else.",
        "from_a_customer": "{away} is a customer: rights are lent by staff only.",
        "to_a_customer": "{delegate} is a customer: rights are lent to staff only.",
        "locked": "{away} or {delegate} is locked: who is locked neither lends rights nor uses lent ones.",
        "ends_before_it_begins": "{away} can't lend rights to {delegate} until a time before they begin.",
        "over_already": "{away} can't lend rights to {delegate} until a time that is over already.",
        "not_a_time": "{said} is neither a day nor a time: write 2026-12-24, or 2026-12-24T18:00.",
    }

    def _sentence(self) -> str:
        return self.because.get(str(self.data.get("problem")), super()._sentence())


class VersionConflict(DeskhandError):
    """Order {number} was changed meanwhile; it is {status} now."""

    code = "version_conflict"


class ProcessVersionUnknown(DeskhandError):
    """Version {version} of {process} is not here; `deskhand doctor` says what to do."""

    code = "process_version_unknown"


class CardError(DeskhandError):
    """The card can't be used."""

    code = "card_error"


class CardExpired(CardError):
    """This card has expired; ask again."""

    code = "card_expired"


class CardUsed(CardError):
    """This card was already answered."""

    code = "card_used"


class CardUnknown(CardError):
    """There is no such card of yours."""

    code = "card_unknown"


class TenantNotServed(DeskhandError):
    """This company is not served here, or not any more; its data is kept."""

    code = "tenant_not_served"


class ImportGone(DeskhandError):
    """There is no such import here that waits for a yes."""

    code = "import_gone"


class CandidateGone(DeskhandError):
    """These two orders are not waiting for that decision."""

    code = "candidate_gone"


class TextNotPossible(DeskhandError):
    """What such a text would say of {number} is not so, or not known."""

    code = "text_not_possible"


class RequestRepeated(DeskhandError):
    """This Idempotency-Key was used with another request."""

    code = "idempotency_key_reused"
