"""Runs the real actions on a desk as Rasa would, with turn tokens as the gateway signs them. Knows no skill."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.case_turns import of_case
from actions.desk_action import DeskAction
from actions.heard_first import heard
from actions.receipts import Receipts
from actions.services import Services
from actions.wording import Wording
from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import DeliveryMode, Role
from deskhand.store import Desk, new_id
from deskhand.writing import Writer, load_templates
from deskhand.writing.replies import inquiries_of
from tests.support.desks import ROOT, FakeClock

SECRET = "a-turn-secret-of-the-actions-tests-0123456789"


def services_on(desk: Desk) -> Services:
    """What the action server would make; texts come from templates."""
    writer = Writer(load_templates(ROOT / "processes" / "order_to_cash" / "writing"), None)
    return Services(
        desk,
        Wording.load(ROOT / "processes"),
        Receipts(writer, inquiries_of(ROOT / "processes" / "order_to_cash")),
        (SECRET,),
        heard_first=heard,
        of_case=of_case,
    )


@dataclass
class Said:
    """What one call of one action gave back."""

    events: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    @property
    def responses(self) -> list[str]:
        return [message["response"] for message in self.messages if message.get("response")]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [message["custom"]["card"] for message in self.messages if message.get("custom")]

    @property
    def card(self) -> dict[str, Any]:
        return self.cards[-1]

    def values(self, response: str) -> dict[str, Any]:
        return next(message for message in self.messages if message.get("response") == response)

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def rejected(self) -> bool:
        return any(event["event"] == "action_execution_rejected" for event in self.events)


@dataclass
class Bench:
    """Runs actions as Rasa would; one user's conversation at a time."""

    services: Services
    clock: FakeClock
    tenant: str = "demo"
    conversations: dict[str, str] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return self.services.desk

    def message_id(self, login: str, text: str) -> str:
        with self.desk.unit_of_work(self.tenant) as uow:
            if login not in self.conversations:
                self.conversations[login] = uow.conversations.start(login, "chat").id
            message, _ = uow.messages.add_inbound(self.conversations[login], new_id(), text)
            uow.commit()
        return message.id

    def token(self, login: str, message_id: str, **claims: Any) -> str:
        with self.desk.unit_of_work(self.tenant, read_only=True) as uow:
            user = uow.users.get(login)
        assert user is not None
        known = TurnClaims(
            user.id, user.role, user.tenant, "chat", self.conversations.get(login, "none"), message_id, "zh", user.name,
            user.customer_id, **claims,
        )  # fmt: skip
        return mint(known, SECRET, self.clock())

    async def run(
        self,
        action: type[DeskAction],
        login: str,
        text: str = "",
        /,
        *,
        intent: str = "",
        confidence: float = 0.95,
        form: str | None = None,
        slots: dict[str, Any] | None = None,
        events: list[dict[str, Any]] | None = None,
        language: str | None = None,
        token: str | None = None,
        message_id: str | None = None,
        sender: str | None = None,
        ranking: list[tuple[str, float]] | None = None,
        **claims: Any,
    ) -> Said:
        message_id = message_id or self.message_id(login, text)
        token = self.token(login, message_id, **claims) if token is None else token
        known = {"language": language, **(slots or {})}
        sender = f"{self.conversations.get(login, 'none')}-0" if sender is None else sender
        tracker = tracker_of(text, token, intent, confidence, form, known, events or [], sender)
        likely = [{"name": name, "confidence": sure} for name, sure in ranking or []]
        tracker.latest_message["intent_ranking"] = likely
        dispatcher = CollectingDispatcher()
        done = await action(self.services).run(dispatcher, tracker, {})
        return Said(done, dispatcher.messages)

    def placed(self, customer: str = "huaxing", sku: str = "PAPER-A4", quantity: int = 20) -> Order:
        command = PlaceOrder(
            customer, (NewLine(sku, Decimal(quantity), None),), address="1 Main Street",
            delivery_mode=DeliveryMode.COURIER, delivery_date=self.clock().date() + timedelta(days=5),
        )  # fmt: skip
        order = self.desk.handle(command, self.actor(Role.SALES)).order
        assert order is not None
        return order

    def actor(self, role: Role) -> Actor:
        login = {Role.SALES: "clerk"}.get(role, str(role))
        return Actor(login, role, self.tenant, "chat", new_id())

    def order(self, number: str) -> Order:
        with self.desk.unit_of_work(self.tenant, read_only=True) as uow:
            return uow.orders.get(number)


def tracker_of(
    text: str,
    token: str,
    intent: str,
    confidence: float,
    form: str | None,
    slots: dict[str, Any],
    events: list[Any],
    sender: str,
) -> Tracker:
    """As much of Rasa's tracker as actions look at."""
    latest = {
        "text": text, "intent": {"name": intent, "confidence": confidence}, "entities": [],
        "metadata": {"token": token},
    }  # fmt: skip
    return Tracker.from_dict(
        {
            "sender_id": sender, "slots": slots, "latest_message": latest,
            "events": [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text}, *events],
            "paused": False, "followup_action": None, "active_loop": {"name": form} if form else {},
            "active_form": {}, "latest_action_name": "action_listen", "stack": [], "user_id": None,
        }
    )  # fmt: skip
