"""One call of one action: who speaks, what they wrote, what is said back. Knows no skill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import takewhile
from typing import Any

from rasa_sdk import Tracker

from actions import refusal_words
from actions.catalogue import TenantCatalogue
from actions.services import Services
from actions.wording import LANGUAGES, Wording
from deskhand.cases import CaseCommand
from deskhand.cases.model import CaseOutcome
from deskhand.channels.turn_token import TurnClaims
from deskhand.orders.actions import QUERY_ORDERS
from deskhand.orders.commands import Command, PlaceOrder
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import Role
from deskhand.orders.work import Outcome
from deskhand.store import Card, UnitOfWork, number_in, said_of
from deskhand.store.texts import filled
from deskhand.writing import order_facts
from deskhand.writing.jobs import TextJob

Event = dict[str, Any]
Json = Mapping[str, Any]

# Actions that open a form which then reads the message itself; all others have read it for the form.
_HANDS_OVER: Mapping[str, frozenset[str]] = {
    "place_order_form": frozenset({"action_answer_card", "action_change_draft", "action_amend_order"}),
    "several_requests_form": frozenset(),
}
_ANSWERS = frozenset({"action_answer_card"})


OWN_WORDS = "own_words"  # marks a sentence that a company says in its own words: Rasa's channel knows it by this
_SURELY = 0.85
MEANING_CHOICE = "meaning"  # the purpose of a card that asks which of two meanings it is
MEANT = "meant"  # the slot that holds what a button of "did you mean" stands for, in the turn in which it was pressed


@dataclass(frozen=True)
class Meant:
    """Words that were said before, and the intent that was chosen for them now."""

    text: str
    intent: str


class _TakenBack(Exception):
    """Ends a rehearsal."""


@dataclass
class Turn:
    """`changed` is set by whoever writes to the store; only then is there anything to commit.

    `attempted` is the command or action that was refused while it was tried out: worth a row of the audit.
    `replaced` is the card that waited for a yes until this turn named another order.
    """

    services: Services
    claims: TurnClaims
    tracker: Tracker
    uow: UnitOfWork
    replies: list[dict[str, Any]] = field(default_factory=list)
    changed: bool = False
    attempted: Command | CaseCommand | str | None = None
    replaced: Card | None = None
    names_command: bool = False
    denied: tuple[Actor, str, DeskhandError] | None = None
    meant: Meant | None = None

    # --- who and what

    @property
    def actor(self) -> Actor:
        return self.claims.actor()

    @property
    def user_id(self) -> str:
        return self.claims.user_id

    @property
    def is_customer(self) -> bool:
        return self.claims.role is Role.CUSTOMER

    @property
    def own_customer(self) -> str | None:
        """The only customer whose orders the speaker may see; None: all of them.

        Raises:
            RoleNotAllowed: they may see none.
        """
        return self._limited_to(QUERY_ORDERS)

    @property
    def orders_for(self) -> str | None:
        """The only customer for whom the speaker may order; None: any.

        Raises:
            RoleNotAllowed: they may not order.
        """
        return self._limited_to(PlaceOrder.__name__)

    def _limited_to(self, action: str) -> str | None:
        before, self.attempted = self.attempted, action
        customer = self.services.desk.only_customer(self.uow, action, self.actor)
        self.attempted = before
        return customer

    @property
    def language(self) -> str:
        return language_of(self.tracker, self.claims)

    @cached_property
    def wording(self) -> Wording:
        own = self.uow.tenant.texts
        return self.services.wording.with_own(own) if own else self.services.wording

    @cached_property
    def catalogue(self) -> TenantCatalogue:
        """One for the whole turn."""
        return self.services.catalogues.of(self.uow)

    @property
    def today(self) -> date:
        return self.uow.tenant.today(self.uow.now)

    @property
    def text(self) -> str:
        """What was typed; empty when a button was pressed, unless it says what earlier words meant."""
        if self.meant is not None:
            return self.meant.text
        return "" if self.claims.card or self.claims.file else str(self.tracker.latest_message.get("text") or "")

    @property
    def intent(self) -> str:
        if self.meant is not None:
            return self.meant.intent
        return str((self.tracker.latest_message.get("intent") or {}).get("name") or "")

    @property
    def confidence(self) -> float:
        if self.meant is not None:
            return 1.0
        return float((self.tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)

    @property
    def wants_person(self) -> bool:
        """Surely. Almost any words can be a reason; these are none."""
        return self.intent == "talk_to_person" and self.confidence > _SURELY

    @property
    def ranking(self) -> list[tuple[str, float]]:
        """What the message may mean, likeliest first."""
        said: list[Mapping[str, Any]] = self.tracker.latest_message.get("intent_ranking") or []
        return [(str(each.get("name")), float(each.get("confidence") or 0.0)) for each in said]

    @property
    def form(self) -> str | None:
        name: str | None = self.tracker.active_loop_name
        return name

    @property
    def is_second_look(self) -> bool:
        """Whether the form runs again after something else was answered in this turn: the text was read already."""
        rejected = [e.get("name") for e in self._since_message if e["event"] == "action_execution_rejected"]
        return self.form in rejected

    @property
    def is_opened_by_action(self) -> bool:
        """Whether another action of this turn opened the form; it has read the text and asked its question."""
        names = {str(e.get("name")) for e in self._since_message if e["event"] == "action"} - {"action_listen"}
        handing_over = _HANDS_OVER.get(str(self.form), frozenset() if self.meant else _ANSWERS)
        opened = any(name.startswith("action_") for name in names - handing_over)
        return opened and not self.is_second_look

    def has_run(self, action: str) -> bool:
        """Whether the action was called in this run of the message, and not in an earlier one that is now repeated."""
        name = action.removesuffix("/2").removeprefix("validate_")
        kinds = {"action", "action_execution_rejected"}
        return any(event["event"] in kinds and event.get("name") == name for event in self._since_message)

    @property
    def _since_message(self) -> list[Event]:
        return list(takewhile(lambda event: event["event"] != "user", reversed(self.tracker.events)))

    # --- saying

    def say(self, response: str, **values: object) -> None:
        """Queue a sentence of domain.yml, in the company's own words where it has some."""
        said = {"response": response, **{key: _plain(value) for key, value in values.items()}}
        own = self.uow.tenant.texts.get(response, {}).get(self.language)
        if own is not None:
            said |= {"text": filled(own, {**self.tracker.slots, **said}), OWN_WORDS: True}
        self.replies.append(said)

    def show(self, card: Json) -> None:
        """Queue a card."""
        self.replies.append({"json_message": {"card": dict(card)}})

    def refuse(self, error: DeskhandError) -> None:
        """Say why something was refused."""
        self.say_refusal(error.code, error.data)

    def say_refusal(self, code: str, data: Json) -> None:
        """The sentence for a code, with statuses, steps, roles and dates in words."""
        self.say(f"utter_{code}", **refusal_words.of(self, data))

    def of_case(self) -> list[Event] | None:
        """What answers a text that names a case and no order; None where it names none."""
        taken = self.services.of_case
        return taken(self) if taken is not None else None

    # --- doing

    def void_command_card(self) -> None:
        """A new command is named: no later yes may carry the old one out, even when the new one is refused."""
        self.names_command = True
        card = self.uow.cards.open_of(self.user_id)
        if card is not None and card.payload.get("purpose") != "draft":
            self.uow.cards.supersede_open(self.user_id)
            self.changed = True

    def write(self, kind: str, order: Order) -> None:
        """A text about the order, at once; what a model makes of it follows."""
        catalogue, whose = self.catalogue, order.customer_id
        customer = catalogue.customers.get(whose) or self.uow.customers.get(whose)
        facts = order_facts(order, customer, catalogue.products, self.uow.tenant)
        job = TextJob(kind, self.language, order.number, for_user=self.user_id)
        self.tell(self.services.receipts.write(self.uow, job, facts, self.actor, order.id))

    def tell(self, text: str | None) -> None:
        """Queue a text as it is, which is kept with its record."""
        if text:
            self.changed = True
            self.replies.append({"text": text})

    def do(self, command: Command) -> Outcome:
        """Carry a command out inside this turn's transaction.

        Raises:
            DeskhandError: all of it is taken back but its row in the audit.
        """
        self.changed = True
        return self.try_out(command)

    def try_out(self, command: Command) -> Outcome:
        """As `do`; whether it stays is for the caller to say."""
        self.attempted = command
        outcome = self.services.desk.handle_in(self.uow, command, self.actor)
        self.attempted = None
        return outcome

    def rehearse(self, command: Command) -> Outcome:
        """What the command would do, or the refusal that it would meet. Nothing of it stays."""
        with self.rehearsing():
            outcome = self.try_out(command)
        return outcome

    def do_case(self, command: CaseCommand) -> CaseOutcome:
        """As `do`, for a case of any process."""
        self.changed = True
        self.attempted = command
        outcome = self.services.desk.handle_in(self.uow, command, self.actor)
        self.attempted = None
        return outcome

    def rehearse_case(self, command: CaseCommand) -> CaseOutcome:
        """As `rehearse`, for a case of any process."""
        with self.rehearsing():
            self.attempted = command
            outcome = self.services.desk.handle_in(self.uow, command, self.actor)
            self.attempted = None
        return outcome

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Whatever is done inside is taken back at its end."""
        try:
            with self.uow.savepoint():
                yield
                raise _TakenBack
        except _TakenBack:
            return

    @contextmanager
    def as_said(self, text: str, intent: str) -> Iterator[None]:
        """Inside, a part of what was said is all that was said."""
        before, self.meant = self.meant, Meant(text, intent)
        try:
            yield
        finally:
            self.meant = before

    def say_for_whom(self, outcome: Outcome) -> None:
        """Whose right it took, when it was not the speaker's own."""
        if outcome.on_behalf_of:
            self.say("utter_done_on_behalf", name=self.name_of(outcome.on_behalf_of))

    def name_of(self, user_id: str) -> str:
        user = self.uow.users.get(user_id)
        return user.name if user is not None else user_id

    def note_refusal(self, error: DeskhandError) -> None:
        """One audit row for what was refused while it was tried out; nothing else of it stayed."""
        if self.attempted is None:
            return
        self.uow.audit.add(self.actor, *refused_row(self.attempted, error))
        self.attempted, self.changed = None, True


def refused_row(
    attempted: Command | CaseCommand | str, error: DeskhandError
) -> tuple[str, str | None, str, dict[str, str]]:
    """Action, target, outcome and detail for the audit."""
    if isinstance(attempted, str):
        return attempted, number_in(error.data), "refused", said_of(error)
    number = getattr(attempted, "number", None) or getattr(attempted, "case", None)
    return type(attempted).__name__, number_in({"number": number}), "refused", said_of(error)


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str | int | bool) else "?" if value is None else str(value)


def meant_in(tracker: Tracker) -> Meant | None:
    """What a button of this very turn has said that earlier words mean."""
    for event in takewhile(lambda event: event["event"] != "user", reversed(tracker.events)):
        if event["event"] == "slot" and event.get("name") == MEANT and event.get("value"):
            return Meant(**event["value"])
    return None


def language_of(tracker: Tracker, claims: TurnClaims) -> str:
    """The language that Rasa chooses its responses by, so that cards and sentences agree."""
    language = tracker.slots.get("language")
    if language in LANGUAGES:
        return str(language)
    return claims.language if claims.language in LANGUAGES else "en"
