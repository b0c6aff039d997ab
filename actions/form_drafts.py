"""A form that finds out what a command on an order needs, and the draft that keeps it. Knows no skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions import forms
from actions.turn import Event, Turn


@dataclass(frozen=True)
class FormDraft:
    """`name` is the form's in domain.yml, `kind` the draft's in the store, `slots` what the form shows of it."""

    name: str
    kind: str
    slots: tuple[str, ...]

    def ask(self, turn: Turn, question: str, state: Mapping[str, Any], slots: Mapping[str, Any]) -> list[Event]:
        """Keep what is known and open the form; inside another form the next word has to say it all."""
        if turn.form not in {None, self.name}:
            return []
        drafts = turn.uow.drafts
        draft = drafts.open_of(turn.user_id, self.kind) or drafts.new(turn.user_id, self.kind, state)
        drafts.save(replace(draft, state=state, asked=question))
        turn.changed = True
        return forms.asking(slots, question) if turn.form == self.name else forms.opening(self.name, slots, question)

    def left(self, turn: Turn) -> list[Event]:
        """Nothing is asked any more; the form is done with, if it is the one that is on."""
        draft = turn.uow.drafts.open_of(turn.user_id, self.kind)
        if draft:
            turn.uow.drafts.finish(draft.id)
            turn.changed = True
        return forms.leaving(self.slots) if turn.form == self.name else []
