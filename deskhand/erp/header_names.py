"""What a header can mean, by its words alone: `header_names.yml` and near misses of it. Knows no values and no file."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC
from rapidfuzz import fuzz, process

from deskhand.erp.kinds import Field, Kind
from deskhand.yaml_files import yaml_in

NAMED, BARE, PART, NEAR, PERHAPS, STANDS_IN = 0.95, 0.92, 0.72, 0.7, 0.55, 0.5
_LONGEST = 60
_SIMPLIFIED = OpenCC("t2s")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"[(\[{<【〔「][^()\[\]{}<>]*[)\]}>】〕」]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEADING = frozenset(
    "order orders item items line lineitem product products customer shipment shipments sales so po erp shop store "
    "the our x c header detail details data main f txt str num tb tbl t dim fact sap".split()
)
_NEAR_ENOUGH = 88
_TAXES = frozenset("vat tax gst hst mwst tva iva".split())
_WITH_TAX = frozenset("excl excluding ex exc incl including inc with without before after net of".split())
_SHORT = {
    "cust": "customer", "prod": "product", "prd": "product", "qty": "quantity", "amt": "amount", "num": "no",
    "nbr": "no",
    "nr": "no", "dt": "date", "tm": "time", "addr": "address", "desc": "description", "cd": "code", "nm": "name",
    "ord": "order", "whs": "warehouse", "whse": "warehouse", "cur": "currency", "upd": "update", "dlv": "delivery",
    "deliv": "delivery", "req": "requested", "cat": "category", "pmt": "payment", "shp": "ship", "mat": "material",
}  # fmt: skip
_ABOUT = re.compile(r"(?i)(?:信息|资料|資料|明细|内容|\s+(?:details?|info(?:rmation)?|data))$")  # of a group of columns
_MARKED = re.compile(r"^\s*#+\s*(?=[^\W\d])")  # a header behind the sign of a remark
_PARTY = re.compile(r"(?i)^(.*\S)\s*\((billing|shipping)\)\s*$")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field that a header can mean."""

    field: Field
    weight: float  # 0..1
    how: str  # name, like_name, weak_name, stands_in


@dataclass
class _Names:
    """Each name as it is compared, and what it means."""

    strong: dict[str, list[tuple[Field, int]]] = field(default_factory=lambda: defaultdict(list))
    weak: dict[str, list[tuple[Field, int]]] = field(default_factory=lambda: defaultdict(list))
    stands_in: dict[str, list[tuple[Field, int]]] = field(default_factory=lambda: defaultdict(list))
    by_kind: dict[Kind, dict[str, list[tuple[Field, int]]]] = field(
        default_factory=lambda: {kind: defaultdict(list) for kind in Kind}
    )
    other: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        return (
            name in self.strong
            or name in self.weak
            or name in self.stands_in
            or name in self.other
            or any(name in names for names in self.by_kind.values())
        )


@lru_cache(maxsize=8192)
def is_header_word(text: str) -> bool:
    """Whether some system calls a column so."""
    if not text or len(text) > _LONGEST or not any(map(str.isalpha, text)):
        return False
    names = _names()
    return any(name in names for name in spellings(text))


@lru_cache(maxsize=4096)
def meanings(header: str, kind: Kind) -> tuple[Meaning, ...]:
    """What a header can mean in a file of a kind, the likeliest first; of a field's names the earlier is better."""
    found: dict[Field, Meaning] = {}
    for meaning in _meant(header[: 2 * _LONGEST], kind):
        known = found.get(meaning.field)
        if known is None or known.weight < meaning.weight:
            found[meaning.field] = meaning
    return tuple(sorted(found.values(), key=lambda each: -each.weight))


@lru_cache(maxsize=64)
def system_of(header: tuple[str, ...]) -> Mapping[str, Field | None]:
    """What the words of a known system mean that its header tells; None: nothing that we take."""
    present = {next(spellings(name)) for name in header}
    for said in _said()["systems"].values():
        if all(_plain(name) in present for name in said["when"]):
            return {_plain(name): None if to == "none" else Field(to) for name, to in said["columns"].items()}
    return {}


def _meant(header: str, kind: Kind) -> Iterator[Meaning]:
    names = _names()
    forms = list(spellings(header))
    for form, weight in zip(forms, (NAMED, BARE, BARE), strict=False):
        if form in names.other:
            return
        yield from _listed(names.by_kind[kind], form, weight, "name")
        yield from _listed(names.strong, form, weight, "name")
        yield from _listed(names.weak, form, PERHAPS, "weak_name")
        yield from _listed(names.stands_in, form, STANDS_IN, "stands_in")
        if form in names:
            return
    yield from _like(names, header, forms)


def _listed(names: dict[str, list[tuple[Field, int]]], form: str, weight: float, how: str) -> Iterator[Meaning]:
    for each, rank in names.get(form, ()):
        yield Meaning(each, weight - min(rank, 150) * 0.0003, how)


def _like(names: _Names, header: str, forms: list[str]) -> Iterator[Meaning]:
    """A name with something before it, a part of a longer one, or one that is misspelt."""
    tokens = _tokens(header)
    written_out = [_SHORT.get(token, token) for token in tokens]
    for whole in ("".join(written_out), "".join(tokens).removesuffix("s")):
        if whole in names.strong:
            yield from _listed(names.strong, whole, BARE - 0.05, "like_name")
            return
    tokens = _without_tax(written_out)
    for start in range(len(tokens) == len(written_out), len(tokens)):
        tail = "".join(tokens[start:])
        weight = BARE - 0.06 if set(tokens[:start]) <= _LEADING else PART
        if tail in names.strong or tail in names.other:  # the rate of a tax is no price
            yield from _listed(names.strong, tail, weight - 0.02 * start, "like_name")
            return
    form = forms[-1]
    if _HAN.search(form):
        yield from _ending(names, form)
    elif len(form) >= 5:
        near = process.extractOne(form, _latin(), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
        if near is not None:
            yield from _listed(names.strong, near[0], NEAR * near[1] / 100, "like_name")


def _without_tax(tokens: list[str]) -> list[str]:
    """Unit Price Excl. VAT is a unit price."""
    return tokens[:-2] if len(tokens) > 2 and tokens[-1] in _TAXES and tokens[-2] in _WITH_TAX else tokens


def _ending(names: _Names, form: str) -> Iterator[Meaning]:
    """In Chinese the thing itself stands last: 预计首次发货日期 is a 发货日期."""
    for start in range(1, len(form) - 1):
        if form[start:] in names.other:
            return
        if form[start:] in names.strong:
            yield from _listed(names.strong, form[start:], PART - 0.02 * start, "like_name")
            return


def spellings(text: str) -> Iterator[str]:
    """A header as it is compared: whole, and without what stands in brackets (a unit, a remark)."""
    party = _PARTY.match(text)
    text = f"{party[2]} {party[1]}" if party else text  # Address (Shipping) is a shipping address
    whole = _plain(text)
    yield whole
    group, parted, name = text.partition(": ")
    if parted and (about := _plain(_ABOUT.sub("", group) + name)) != whole:
        yield about  # 商品信息: 编码 is a 商品编码
    bare = _plain(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", text)))
    if bare and bare != whole:
        yield bare


@lru_cache(maxsize=8192)
def _plain(text: str) -> str:
    return "".join(_tokens(text))


def _tokens(text: str) -> list[str]:
    narrow = unicodedata.normalize("NFKC", _MARKED.sub("", text)).replace("№", "no").replace("#", " # ")
    if not narrow.isascii():
        narrow = "".join(each for each in unicodedata.normalize("NFKD", narrow) if not unicodedata.combining(each))
        narrow = _SIMPLIFIED.convert(narrow) if _HAN.search(narrow) else narrow
    apart = _HUMP.sub(" ", narrow).casefold()
    return re.findall(r"[^\W_]+|#|%", apart)


@cache
def _latin() -> list[str]:
    return [name for name in _names().strong if name.isascii() and len(name) >= 5]


@cache
def _said() -> dict[str, Any]:
    said: dict[str, Any] = yaml_in(Path(__file__).with_suffix(".yml"))
    return said


@cache
def _names() -> _Names:
    said = _said()
    names = _Names(other=frozenset(_split(said["other"])))
    for name, entry in said["fields"].items():
        _note(names, Field(name), entry)
    return names


def _note(names: _Names, of: Field, entry: dict[str, Any]) -> None:
    for rank, name in enumerate(_split(entry.get("names", ""))):
        names.strong[name].append((of, rank))
    for rank, name in enumerate(_split(entry.get("weak", ""))):
        names.weak[name].append((of, rank))
    for rank, name in enumerate(_split(entry.get("stands_in", ""))):
        names.stands_in[name].append((of, rank))
    for kind, listed in entry.get("in", {}).items():
        for rank, name in enumerate(_split(listed)):
            names.by_kind[Kind(kind)][name].append((of, rank))


def _split(listed: str) -> list[str]:
    return [_plain(name) for name in listed.split(",") if name.strip()]
