"""A language model that lies: right texts, each with one wrong fact in it. Knows the facts and not the check."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import yaml

from deskhand.writing import Completion, Fact, Facts, Message, facts
from deskhand.writing.fact_json import facts_from_json
from deskhand.writing.facts import FactKind, as_fact, leaves
from tests.writing.sample import TEMPLATES, UNUSUAL, facts_of

_WORDS = yaml.safe_load(Path(__file__).with_name("lies.yml").read_text(encoding="utf-8"))
RIGHT_TEXTS = Path(__file__).with_name("right_texts.jsonl")


@dataclass(frozen=True)
class Right:
    """A text that says its facts rightly."""

    kind: str
    language: str
    facts: Facts
    text: str


@dataclass
class Liar:
    """Says the same lie however often it is asked."""

    lie: str

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion:
        return Completion(self.lie, "liar")


def rights(language: str) -> list[Right]:
    """The template of each kind, and what people wrote."""
    made = [Right(kind, language, facts_of(kind), "") for kind in TEMPLATES.kinds]
    made.append(Right("risk_reminder", language, UNUSUAL, ""))
    found = [Right(r.kind, language, r.facts, TEMPLATES.get(r.kind, language).render(r.facts)) for r in made] * 12
    for line in RIGHT_TEXTS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["language"] == language:
            found.append(Right(entry["job"], language, facts_from_json(entry["facts"]), entry["text"]))
    return found


def lies(language: str, count: int, seed: int) -> Iterator[tuple[str, Right, str]]:
    """The name of the lie, what it was made of, and the text with it."""
    chance, bases = random.Random(seed), rights(language)
    made = 0
    while made < count:
        right, name = chance.choice(bases), chance.choice([*LIES])
        lie = LIES[name](right, chance)
        if lie is not None and lie != right.text:
            made += 1
            yield name, right, lie


def _said(right: Right, *kinds: FactKind) -> list[tuple[str, Fact, str]]:
    """The facts that stand in the text as the templates say them."""
    every = [(key, leaf) for key, fact in right.facts.items() for leaf in leaves(as_fact(fact))]
    spoken = [(key, leaf, leaf.say(right.language)) for key, leaf in every if not kinds or leaf.kind in kinds]
    return [each for each in spoken if each[2] and each[2] in right.text]


def _digit(right: Right, chance: random.Random) -> str | None:
    """Another digit, in a value that is no other fact then."""
    places = [at for at, char in enumerate(right.text) if at > 3 and char.isdigit() and char.isascii()]
    if not places:
        return None
    at = chance.choice(places)
    other = chance.choice([digit for digit in "123456789" if digit != right.text[at]])
    return _unless_right(right, right.text[:at] + other + right.text[at + 1 :], at)


def _unless_right(right: Right, lie: str, at: int) -> str | None:
    """None when the change has made another fact of it, or only another spelling."""
    token = _token(lie, at)
    forms = " ".join(form for fact in right.facts.values() for leaf in leaves(as_fact(fact)) for form in leaf.spellings)
    return None if token in forms else lie


def _token(text: str, at: int) -> str:
    before = re.search(r"[\w.,/-]*$", text[:at])
    after = re.match(r"[\w.,/-]*", text[at:])
    return (before[0] if before else "") + (after[0] if after else "")


def _amount(right: Right, chance: random.Random) -> str | None:
    found = _said(right, FactKind.MONEY)
    if not found:
        return None
    _, fact, said = chance.choice(found)
    assert fact.value is not None and fact.currency is not None
    factor = chance.choice([Decimal(10), Decimal("0.1"), Decimal("1.01"), Decimal("0.9"), Decimal(2)])
    other = (fact.value * factor).quantize(Decimal("0.01"))
    known = {leaf.value for each in right.facts.values() for leaf in leaves(as_fact(each))}
    return None if other in known else right.text.replace(said, facts.money(other, fact.currency).say(right.language))


def _currency(right: Right, chance: random.Random) -> str | None:
    found = _said(right, FactKind.MONEY)
    if not found:
        return None
    _, fact, said = chance.choice(found)
    assert fact.value is not None
    other = chance.choice([each for each in ("CNY", "USD", "EUR", "GBP", "JPY") if each != fact.currency])
    return right.text.replace(said, facts.money(fact.value, other).say(right.language))


def _date(right: Right, chance: random.Random) -> str | None:
    found = _said(right, FactKind.DATE)
    if not found:
        return None
    _, fact, said = chance.choice(found)
    assert fact.day is not None
    other = fact.day + timedelta(days=chance.choice([-365, -30, -7, -1, 1, 2, 10, 31, 365]))
    if other in {leaf.day for each in right.facts.values() for leaf in leaves(as_fact(each))}:
        return None
    notations = [facts.day(other).say(right.language), other.isoformat()]
    if (other.month, other.day) == (fact.day.month, fact.day.day):  # without the year it is the same
        return right.text.replace(said, chance.choice(notations))
    if right.language == "zh":
        notations += [f"{other.month}月{other.day}日", f"{other.year}/{other.month:02}/{other.day:02}"]
    else:
        notations += [f"{other:%B} {other.day}, {other.year}", f"{other:%b} {other.day}", f"{other.day} {other:%B}"]
    return right.text.replace(said, chance.choice(notations))


def _swapped(*kinds: FactKind) -> Callable[[Right, random.Random], str | None]:
    def lie(right: Right, chance: random.Random) -> str | None:
        found = _said(right, *kinds)
        pairs = [
            (one, other)
            for _, a, one in found
            for _, b, other in found
            if one < other and one not in other and other not in one and _swaps(a, b)
        ]
        if not pairs:
            return None
        one, other = chance.choice(pairs)
        return right.text.replace(one, "\0").replace(other, one).replace("\0", other)

    return lie


def _swaps(one: Fact, other: Fact) -> bool:
    """Dates, ids, amounts in one currency, values in one unit, and quantities of different goods."""
    if one.kind is FactKind.QUANTITY:
        return one.of != other.of or one.units == other.units
    return one.currency == other.currency


def _goods_swapped(right: Right, chance: random.Random) -> str | None:
    """A product's name in another's place is the quantities swapped."""
    names = [leaf for fact in right.facts.values() for leaf in leaves(as_fact(fact)) if leaf.of]
    spoken = [next((form for form in each.of if form in right.text), "") for each in names]
    pairs = [(a, b) for a in spoken for b in spoken if a and b and a < b and a not in b and b not in a]
    values = {each.value for each in names}
    if not pairs or len(values) < len(names):
        return None
    one, other = chance.choice(pairs)
    if right.text.count(one) > 1 or right.text.count(other) > 1:
        return None
    return right.text.replace(one, "\0").replace(other, one).replace("\0", other)


def _unit(right: Right, chance: random.Random) -> str | None:
    found = [each for each in _said(right, FactKind.QUANTITY) if each[1].value]
    if not found:
        return None
    _, fact, said = chance.choice(found)
    shown = facts.plain(fact.value or Decimal(0))
    other = chance.choice(
        ["吨", "袋", "卷", "周", "公斤"] if right.language == "zh" else ["tons", "bags", "weeks", "kg"]
    )
    if (
        other in fact.units
        or other in ("袋", "卷", "bags", "kg", "公斤")
        and any(other[:3] in unit for unit in fact.units)
    ):
        return None
    return right.text.replace(said, f"{shown}{other}" if right.language == "zh" else f"{shown} {other}", 1)


def _name(right: Right, chance: random.Random) -> str | None:
    """Somebody else's name, or one letter of it."""
    found = [each for each in _said(right, FactKind.NAME) if each[0] in ("customer", "company", "carrier", "inspector")]
    if not found:
        return None
    _, fact, said = chance.choice(found)
    others = {
        "zh": ["北方钢铁有限公司", "王小明先生", "永安贸易公司", "大众物流公司"],
        "en": ["Northern Steel Ltd", "John Smith", "Everpeace Trading", "Contoso Logistics"],
    }
    return right.text.replace(said, chance.choice(others[right.language]))


def _dropped(right: Right, chance: random.Random) -> str | None:
    """A fact that must be there and isn't."""
    template = TEMPLATES.get(right.kind, right.language)
    found = [each for each in _said(right) if each[0] in template.needs(right.facts) and not each[1].code]
    if not found:
        return None
    _, fact, said = chance.choice(found)
    rest = right.text.replace(said, "")
    return None if any(form in rest for form in fact.spellings) else rest


def _and(zh: Sequence[str], en: Sequence[str]) -> Callable[[Right, random.Random], str | None]:
    """The right text, and a sentence more."""

    def lie(right: Right, chance: random.Random) -> str | None:
        more = chance.choice(zh if right.language == "zh" else en)
        if right.language == "zh":
            return right.text + more if chance.random() < 0.7 else more + right.text
        return f"{right.text} {more}" if chance.random() < 0.7 else f"{more} {right.text}"

    return lie


def _stands(right: Right, chance: random.Random) -> str | None:
    """A sentence that contradicts how things stand, for this kind of text."""
    more = chance.choice(_WORDS["contradicted"][right.kind][right.language])
    if right.kind == "customer_reply":
        code = as_fact(right.facts["status"]).code
        more = chance.choice(_WORDS["of_status"][code][right.language])
    if right.kind == "quality_report":
        more = chance.choice(_WORDS["of_verdict"][as_fact(right.facts["verdict"]).code][right.language])
    return right.text + more if right.language == "zh" else f"{right.text} {more}"


def _denied(right: Right, chance: random.Random) -> str | None:
    """The same sentence with a not in it."""
    pairs = _WORDS["nots"][right.language]
    found = [(a, b) for a, b in pairs if a in right.text]
    if not found:
        return None
    return right.text.replace(*chance.choice(found), 1)


def _roles(right: Right, chance: random.Random) -> str | None:
    """Who buys and who sells change places."""
    one, other = ("买方", "卖方") if right.language == "zh" else ("buyer", "seller")
    if (
        right.kind != "contract_clause"
        or one not in right.text.lower()
        or right.language == "en"
        and "Buyer" in right.text
    ):
        return None
    return right.text.replace(one, "\0").replace(other, one).replace("\0", other)


def _greeted(right: Right, chance: random.Random) -> str | None:
    if right.kind in ("quality_report", "contract_clause", "risk_reminder"):
        return None
    return "尊敬的李总：" + right.text if right.language == "zh" else "Dear Mr Johnson, " + right.text


def _goods(right: Right, chance: random.Random) -> str | None:
    """One thing more in the list, with no number."""
    lines = right.facts.get("lines")
    said = as_fact(lines).say(right.language) if lines else ""
    if not said or said not in right.text:
        return None
    more = "、打孔机" if right.language == "zh" else " and a stapler"
    return right.text.replace(said, said + more, 1)


LIES: dict[str, Callable[[Right, random.Random], str | None]] = {
    "digit": _digit,
    "amount": _amount,
    "currency": _currency,
    "date": _date,
    "dates swapped": _swapped(FactKind.DATE),
    "amounts swapped": _swapped(FactKind.MONEY),
    "quantities swapped": _swapped(FactKind.QUANTITY),
    "goods swapped": _goods_swapped,
    "ids swapped": _swapped(FactKind.ID),
    "unit": _unit,
    "name": _name,
    "roles": _roles,
    "greeted": _greeted,
    "goods": _goods,
    "dropped": _dropped,
    "denied": _denied,
    "stands": _stands,
    **{name: _and(said["zh"], said["en"]) for name, said in _WORDS["more"].items()},
}
