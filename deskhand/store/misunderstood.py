"""What was not understood, for the eyes of who teaches the bot: without personal data, what is alike as one.

Names are those of the company's customers and users; e-mail addresses, telephone numbers and secrets are masked as in
logs, street addresses and long numbers by their shape. Knows nothing of intents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from deskhand.logs import masked
from deskhand.orders.actions import LABEL_MISUNDERSTOOD
from deskhand.orders.model import Actor
from deskhand.store.privacy.wording import GONE, Words, parts_of
from deskhand.store.repositories.misunderstood import Misunderstood
from deskhand.store.unit_of_work import UnitOfWork

NAME, ADDRESS, NUMBER = "<name>", "<address>", "<number>"
LOOKED_AT = 5000  # messages, newest first
_STREET = re.compile(
    r"[\u3400-\u9fff]{2,20}?(?:路|街|大道|巷|弄|胡同)\s*\d+\s*[号弄]?(?:[\d\-#号楼栋单元室层座]|[A-Za-z](?=座|栋))*"
    r"|\b\d{1,5}[A-Za-z]? (?:[A-Z][\w'.-]* ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way|Boulevard|Square)\b\.?"
)
_BEFORE_A_STREET = ("送到", "送往", "寄到", "发到", "发往", "运到", "改成", "改到", "地址是", "地址", "在", "从")
_LONG_NUMBER = re.compile(r"(?<![A-Za-z0-9])\d{15,19}[Xx]?(?![A-Za-z0-9])")  # of a card or of a person
_NO_DIFFERENCE = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Messages that differ in numbers and signs only; `newest` stands for them, its text masked."""

    newest: Misunderstood
    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


def misunderstood(
    uow: UnitOfWork, labelled: bool | None = None, since: datetime | None = None, limit: int = LOOKED_AT
) -> list[Alike]:
    """Newest first, and how many were like it."""
    found = without_personal_data(uow, uow.misunderstood.list(labelled, since, limit))
    groups: dict[str, list[Misunderstood]] = defaultdict(list)
    for one in found:
        groups[sameness(one.text)].append(one)
    return [Alike(alike[0], tuple(one.id for one in alike)) for alike in groups.values()]


def like(uow: UnitOfWork, message_id: str) -> list[str]:
    """The message, first, and all that are like it. All texts are masked for that: nothing for who keeps others waiting
    to write.

    Raises:
        KeyError: no such message was misunderstood.
    """
    (masked_one,) = without_personal_data(uow, [_found(uow, message_id)])
    alike = [each for each in misunderstood(uow) if sameness(each.newest.text) == sameness(masked_one.text)]
    return [message_id, *sorted({identifier for each in alike for identifier in each.ids} - {message_id})]


def label(uow: UnitOfWork, who: Actor, ids: Sequence[str], intent: str | None) -> int:
    """These messages mean this; says how many. It stands in the audit, under the first.

    Raises:
        KeyError: the first was not misunderstood, or is not there any more.
    """
    before, after = {"intent": _found(uow, ids[0]).label}, {"intent": intent}
    uow.misunderstood.label(ids, intent)
    said = {"messages": len(ids)}
    uow.audit.add(who, LABEL_MISUNDERSTOOD, ids[0], "done", said, before=before, after=after)
    return len(ids)


def without_personal_data(uow: UnitOfWork, found: Sequence[Misunderstood]) -> list[Misunderstood]:
    """The same messages, masked."""
    names = Words(_names_in(uow, " ".join(" ".join(one.text.split()) for one in found).casefold())) if found else None
    return [replace(one, text=_masked(one.text, names)) for one in found]


def _found(uow: UnitOfWork, message_id: str) -> Misunderstood:
    one = uow.misunderstood.get(message_id)
    if one is None:
        raise KeyError(message_id)
    return one


def sameness(text: str) -> str:
    """What two messages have in common that differ in numbers and signs only."""
    return _NO_DIFFERENCE.sub("", _DIGITS.sub("0", text)).casefold()


def _masked(text: str, names: Words | None) -> str:
    plain = _STREET.sub(_address, _LONG_NUMBER.sub(NUMBER, masked(" ".join(text.split()))))
    return str(names.taken_out(plain)).replace(GONE, NAME) if names else plain


def _address(found: re.Match[str]) -> str:
    """Chinese knows no blanks: what leads to an address is no part of it."""
    text = found.group()
    begin = max((text.rfind(word) + len(word) for word in _BEFORE_A_STREET if word in text), default=0)
    return text[:begin] + ADDRESS


def _names_in(uow: UnitOfWork, texts: str) -> Iterator[str]:
    """Those of the company's people and customers that stand somewhere in the texts."""
    whole: list[Iterable[str]] = [parts_of(user.name) for user in uow.users.all()]
    for customer in uow.customers.all():
        whole += [parts_of(customer.name), customer.aliases, [customer.address] if customer.address else []]
    return (word for words in whole for word in words if " ".join(word.split()).casefold() in texts)
