"""The events by which an action opens, keeps, leaves or steps aside from a form. Knows no skill.

Rasa counts only slots other than `requested_slot` as something extracted: leaving without any of them is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, SlotSet

from actions.turn import Event

REQUESTED = "requested_slot"


def asking(slots: Mapping[str, Any], question: str | None) -> list[Event]:
    """Stay in the form with this question; None ends the form."""
    return [*(SlotSet(name, value) for name, value in slots.items()), SlotSet(REQUESTED, question)]


def opening(form: str, slots: Mapping[str, Any], question: str) -> list[Event]:
    """From an action: this form is on, with this question asked already."""
    return [*(SlotSet(name, value) for name, value in slots.items()), ActiveLoop(form), SlotSet(REQUESTED, question)]


def leaving(names: Iterable[str]) -> list[Event]:
    """From a form's own validator: the form ends, its slots are empty."""
    return asking(dict.fromkeys(names), None)


def closing(names: Iterable[str]) -> list[Event]:
    """From another action: whatever form is on is over."""
    return [*(SlotSet(name, None) for name in names), ActiveLoop(None), SlotSet(REQUESTED, None)]


def stepping_aside(form: str, slots: Mapping[str, Any] | None = None) -> list[Event]:
    """The text is not for this form: the rules answer it, then the form asks again. Said things are kept."""
    return [*(SlotSet(name, value) for name, value in (slots or {}).items()), ActionExecutionRejected(form)]
