"""`erp/mappings/NAME.yml` <-> `Mapping`: every fault with its line. Knows no source.

version: 1
kind: orders
source: taobao                 # the system that the records come from
columns:                       # field: the header of its column, or "#3" for the third
  order_number: 订单编号
others: guess                  # or ignore: columns that are not named here
constants: {currency: CNY}     # the same in every row
drop: [email]                  # never taken
dates: day_first               # or month_first, year_first; decided from the values when it is not said
decimal: ","                   # or "."
zone: Asia/Shanghai
currency: CNY
precedence: 10                 # of sources that are equally new the higher one wins
field_precedence: {address: 20}
missing:                       # what becomes of a row without a value
  customer_id: {fill: GUEST}
  email: leave
  address: refuse
  status: above                # it has that of the row before
sheet: 订单                     # of a workbook
header: 3                      # the header's line; 0: there is none
dates_from_1904: true          # days that are numbers count from 1904
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from collections.abc import Mapping as Names
from pathlib import Path
from zoneinfo import available_timezones

import yaml
from babel.numbers import list_currencies

from deskhand.erp.kinds import SPECS, Field, Kind
from deskhand.erp.mapping import DateOrder, Mapping, Missing, OnMissing
from deskhand.erp.proposal import Proposal
from deskhand.store.file_faults import Fault, FileInvalid
from deskhand.store.yaml_places import Place, read_places

_NAME = re.compile(r"[\w][\w\-]{0,60}")
_KNOWN = (
    *("version", "kind", "source", "columns", "others", "constants", "drop", "dates", "decimal", "zone", "currency"),
    *("precedence", "field_precedence", "missing", "sheet", "header", "dates_from_1904"),
)


class MappingInvalid(FileInvalid):
    """A mapping file says something that can't be; every fault with its line."""

    code = "mapping_invalid"


class MappingUnknown(LookupError):
    """There is no such mapping file."""

    code = "mapping_unknown"


class Mappings:
    """The folder of the files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def names(self) -> list[str]:
        return sorted(file.stem for file in self._folder.glob("*.yml"))

    def read(self, name: str) -> Mapping:
        """Raises MappingUnknown, MappingInvalid."""
        file = self._folder / f"{name}.yml"
        if not _NAME.fullmatch(name) or not file.is_file():
            raise MappingUnknown(f"there is no mapping {name}")
        return read_mapping(file.read_text(encoding="utf-8"), name)

    def save(self, name: str, mapping: Mapping) -> Path:
        """Never over a file that is there. Raises FileExistsError, MappingUnknown for a name that can't be one."""
        if not _NAME.fullmatch(name):
            raise MappingUnknown(f"{name[:60]} can't be the name of a mapping: letters, digits, - and _")
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{name}.yml"
        with file.open("x", encoding="utf-8") as out:
            out.write(written(mapping))
        return file


def read_mapping(text: str, name: str = "mapping") -> Mapping:
    """Raises MappingInvalid."""
    faults: list[Fault] = []
    root = read_places(text, f"{name}.yml", faults)
    mapping = _mapping(root, name) if not faults else None
    if faults or mapping is None:
        raise MappingInvalid(*faults)
    return mapping


def _mapping(root: Place, name: str) -> Mapping:
    root.only(*_KNOWN)
    root.at("version").one_of(["1"])
    kind = root.at("kind").one_of([*Kind])
    dates = root.at("dates").one_of([*DateOrder, ""], "")
    known = Kind(kind) if kind in [*Kind] else Kind.ORDERS
    return Mapping(
        known,
        columns=_headers(root.at("columns"), known),
        constants=_said(root.at("constants"), known),
        dropped=frozenset(_field_of(each, each.text(), known) for each in root.at("drop").each()),
        date_order=DateOrder(dates) if dates in [*DateOrder] else None,
        decimal=root.at("decimal").one_of([".", ",", ""], "") or None,
        zone=_one_of_many(root.at("zone"), available_timezones(), "no time zone; they are called Europe/London, say"),
        currency=_one_of_many(root.at("currency"), list_currencies(), "no currency code; ISO 4217 has three letters"),
        source=root.at("source").text("") or None,
        precedence=root.at("precedence").whole() or 0,
        field_precedence={
            _field(key, each, known): each.whole() or 0 for key, each in root.at("field_precedence").items()
        },
        missing={_field(key, each, known): _missing(each) for key, each in root.at("missing").items()},
        sheet=root.at("sheet").text("") or None,
        header=_line(root.at("header")),
        guess=root.at("others").one_of(["guess", "ignore"], "guess") == "guess",
        excel_1904=root.at("dates_from_1904").flag(),
        name=name,
    )


def _field(name: str, place: Place, kind: Kind) -> Field:
    return _field_of(place, name, kind)


def _field_of(place: Place, name: str, kind: Kind) -> Field:
    fields = [field for field in Field if kind in SPECS[field].kinds]
    if name not in fields:
        place.fault(f"{name} is no field of {kind}; they are {', '.join(fields)}")
        return Field.NOTE
    return Field(name)


def _headers(place: Place, kind: Kind) -> dict[Field, str]:
    return {_field(name, each, kind): each.text() for name, each in place.items()}


def _said(place: Place, kind: Kind) -> dict[Field, str]:
    """Values that stand in no column; a number is taken as it is written."""
    found = {}
    for name, each in place.items():
        if isinstance(each.value, dict | list | None):
            each.fault("expected a value")
        found[_field(name, each, kind)] = str(each.value)
    return found


def _missing(place: Place) -> Missing:
    if isinstance(place.value, dict):
        place.only("fill")
        return Missing(OnMissing.FILL, str(place.at("fill").value or ""))
    said = place.one_of([OnMissing.REFUSE, OnMissing.LEAVE, OnMissing.ABOVE])
    return Missing(OnMissing(said) if said in [*OnMissing] else OnMissing.REFUSE)


def _one_of_many(place: Place, known: Collection[str], problem: str) -> str | None:
    said = place.text("")
    if said and said not in known:
        place.fault(f"{said} is {problem}")
    return said or None


def _line(place: Place) -> int | None:
    said = place.whole()
    if said is not None and said < 0:
        place.fault("expected a line's number, or 0 for none")
    return said


def mapping_of(proposal: Proposal, source: str | None = None) -> Mapping:
    """A proposal as people agreed to it: only its columns are taken, whatever else a file holds."""
    standing = {column.index: column.header for column in proposal.columns.values()}
    names = Counter([*standing.values(), *(each.header for each in proposal.unused)])
    headers = {
        field: column.header if column.header and names[column.header] == 1 else f"#{column.index + 1}"
        for field, column in proposal.columns.items()
    }
    return Mapping(proposal.kind, columns=headers, source=source, guess=False)


def written(mapping: Mapping) -> str:
    """The file's text; what is as it is without being said is left out."""
    said: dict[str, object] = {"version": 1, "kind": str(mapping.kind)}
    said |= {"source": mapping.source} if mapping.source else {}
    said |= {"columns": _plain(mapping.columns), "others": "guess" if mapping.guess else "ignore"}
    optional: Names[str, object] = {
        "constants": _plain(mapping.constants),
        "drop": sorted(map(str, mapping.dropped)),
        "dates": str(mapping.date_order) if mapping.date_order else None,
        "decimal": mapping.decimal,
        "zone": mapping.zone,
        "currency": mapping.currency,
        "precedence": mapping.precedence,
        "field_precedence": _plain(mapping.field_precedence),
        "missing": {str(field): {"fill": rule.value} if rule.do is OnMissing.FILL else str(rule.do)
                    for field, rule in mapping.missing.items()},
        "sheet": mapping.sheet,
        "dates_from_1904": mapping.excel_1904,
    }  # fmt: skip
    said |= {name: value for name, value in optional.items() if value}
    said |= {"header": mapping.header} if mapping.header is not None else {}
    text: str = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return text


def _plain(names: Names[Field, object]) -> dict[str, object]:
    return {str(field): value for field, value in names.items()}
