"""Where a company's orders of today come from: `erp/sources/NAME.yml` -> files, a query, another system's addresses, or
a robot that reads them off its screens.

Files are read when they are asked for, so a change holds at once. A secret is named, never written down: only variables
that begin with IMPORT_ can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deskhand.erp.kinds import Kind
from deskhand.erp.mapping import Mapping as Agreed
from deskhand.erp.options import ImportOptions, OptionInvalid
from deskhand.erp.sources import FileSource, HttpSource, Paging, Source, SourceNotReached, SqlSource
from deskhand.orders.status import OrderStatus
from deskhand.orders.tenant import Tenant
from deskhand.settings import FILE, private
from deskhand.store.file_faults import Fault, FileInvalid
from deskhand.store.yaml_places import Place, read_places

IMPORT_VARIABLES = "IMPORT_"
_VARIABLE = re.compile(rf"{IMPORT_VARIABLES}[A-Z0-9_]{{1,60}}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_SORTS = ("created", "updated", "paid")
_TOP = (
    *("tenant", "source", "kind", "files", "sql", "http", "robot"),
    *("mapping", "sort", "start_status", "automatic", "currency"),
)
_HTTP = ("url", "url_from", "token", "records", "paging", "page_parameter", "next_at", "parameters", "allow_http")


def import_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that sources may name, each from NAME or from the file that NAME_FILE names.

    Raises:
        SettingsRefused: naming the variable.
    """
    names = {name.removesuffix(FILE) for name in environ if name.startswith(IMPORT_VARIABLES)}
    found = {name: private(environ, name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


class ConfiguredInvalid(FileInvalid):
    """A source's file says something that can't be; every fault with its line."""


@dataclass(frozen=True)
class Configured:
    """One file of the folder; `sources` opens nothing yet. `robot`: reads it first, and what it read is imported."""

    name: str
    tenant: str
    source: str
    kind: str
    mapping: str | None
    sort: str
    start_status: str | None
    automatic: bool
    currency: str | None
    sources: Callable[[], list[Source]]
    robot: str | None = None


class ConfiguredSources:
    """The folder, and what the variables hold that its files may name."""

    def __init__(self, folder: Path, variables: Mapping[str, str], tenants: Mapping[str, Tenant],
                 clock: Callable[[], datetime]) -> None:  # fmt: skip
        self._folder, self._tenants, self._clock = folder, tenants, clock
        self._variables = {name: value for name, value in variables.items() if name.startswith(IMPORT_VARIABLES)}

    def of(self, tenant: str) -> list[Configured]:
        """The company's sources, by name.

        Raises:
            ConfiguredInvalid.
        """
        found = (self._read(file) for file in sorted(self._folder.glob("*.yml")))
        return [each for each in found if each.tenant == tenant]

    def get(self, tenant: str, name: str) -> Configured:
        """Raises SourceNotReached: there is none of that name, or it is another company's."""
        file = self._folder / f"{name}.yml"
        found = self._read(file) if _NAME.fullmatch(name) and file.is_file() else None
        if found is None or found.tenant != tenant:
            raise SourceNotReached(f"there is no source {name}")
        return found

    def _read(self, file: Path) -> Configured:
        faults: list[Fault] = []
        root = read_places(file.read_text(encoding="utf-8"), file.name, faults)
        root.only(*_TOP)
        tenant = root.at("tenant").one_of([*self._tenants])
        made = Configured(
            name=file.stem,
            tenant=tenant,
            source=root.at("source").text(),
            kind=root.at("kind").one_of([*map(str, Kind)], str(Kind.ORDERS)),
            mapping=root.at("mapping").text("") or None,
            sort=root.at("sort").one_of(_SORTS, "created"),
            start_status=root.at("start_status").one_of([*map(str, OrderStatus), ""], "") or None,
            automatic=root.at("automatic").flag(),
            currency=root.at("currency").text("") or None,
            sources=self._opener(root, tenant, file),
            robot=root.at("robot").text("") or None,
        )
        if not _NAME.fullmatch(file.stem):
            root.fault("the file's name is small letters, digits, - and _")
        if faults:
            raise ConfiguredInvalid(*faults)
        return made

    def _opener(self, root: Place, tenant: str, file: Path) -> Callable[[], list[Source]]:
        ways = [name for name in ("files", "sql", "http", "robot") if root.at(name).value is not None]
        if len(ways) != 1:
            root.fault("expected one of files, sql, http and robot")
            return list
        if ways == ["robot"]:
            return lambda: _of_robot(file.stem)
        place = root.at(ways[0])
        if ways == ["files"]:
            patterns = place.words()
            return lambda: self._files(patterns, tenant, file.parent)
        if ways == ["sql"]:
            place.only("url_from", "query")
            variable, query = self._variable(place.at("url_from")), place.at("query").text()
            return lambda: [
                SqlSource(file.stem, url=self._value(variable), query=query, parameters=self._times(tenant))
            ]
        return self._http(place, tenant, file.stem)

    def _http(self, place: Place, tenant: str, name: str) -> Callable[[], list[Source]]:
        place.only(*_HTTP)
        said = place.at("url").text("")
        variable = None if said else self._variable(place.at("url_from"))
        token = self._variable(place.at("token")) if place.at("token").value is not None else None
        parameters = {key: each.text() for key, each in place.at("parameters").items()}
        paging = Paging(place.at("paging").one_of([*map(str, Paging)], str(Paging.NONE)))
        records, next_at = place.at("records").text(""), place.at("next_at").text("")
        page, plain = place.at("page_parameter").text("page"), place.at("allow_http").flag()

        def opened() -> list[Source]:
            headers = {"Authorization": f"Bearer {self._value(token)}"} if token else {}
            days = {key: _filled(value, self._today(tenant)) for key, value in parameters.items()}
            return [
                HttpSource(name, url=said or self._value(variable or ""), headers=headers, parameters=days,
                           records=records, paging=paging, page_parameter=page, next_at=next_at, allow_http=plain)
            ]  # fmt: skip

        return opened

    def _files(self, patterns: tuple[str, ...], tenant: str, folder: Path) -> list[Source]:
        """Every file that fits a pattern; {day} is the company's day, as 2026-11-20."""
        found: list[Source] = []
        for pattern in patterns:
            path = Path(folder, _filled(pattern, self._today(tenant)))
            fitting = sorted(path.parent.glob(path.name)) if path.parent.is_dir() else []
            found += [FileSource(each.name, path=each) for each in fitting if each.is_file()]
        if not found:
            raise SourceNotReached(f"there is no file {', '.join(_filled(p, self._today(tenant)) for p in patterns)}")
        return found

    def _variable(self, place: Place) -> str:
        said = place.text()
        if not _VARIABLE.fullmatch(said):
            place.fault(f"expected the name of a variable that begins with {IMPORT_VARIABLES}")
        return said

    def _value(self, variable: str) -> str:
        if not self._variables.get(variable):
            raise SourceNotReached(f"{variable} is not set")
        return self._variables[variable]

    def _today(self, tenant: str) -> date:
        return self._tenants[tenant].today(self._clock())

    def _times(self, tenant: str) -> dict[str, datetime]:
        """:since and :until, the beginning and the end of the company's day."""
        begin = datetime.combine(self._today(tenant), time(), ZoneInfo(self._tenants[tenant].time_zone))
        return {"since": begin, "until": begin + timedelta(days=1)}


def _of_robot(name: str) -> list[Source]:
    raise SourceNotReached(f"a robot reads {name}: it is asked in the conversation")


def _filled(text: str, day: date) -> str:
    return text.replace("{day}", day.isoformat())


def beside_each_other(
    systems: Sequence[Configured], mappings: Mapping[str, Agreed], options: ImportOptions
) -> tuple[list[Source], ImportOptions]:
    """The sources of several systems in one import, each read in its own way; called by their system's name too.

    Raises:
        OptionInvalid: they are not to be taken in the same way, so each has to be imported by itself.
        SourceNotReached: one of them has nothing, and what is aligned without it would be half.
    """
    first = systems[0]
    for one in systems[1:]:
        if _way(one) != _way(first):
            raise OptionInvalid(f"{first.name} and {one.name} are taken in different ways; name the one that is meant")
    found: list[Source] = []
    read: dict[str, Agreed] = {}
    for one in systems:
        for source in one.sources():
            name = f"{one.name} {source.name}"
            found.append(replace(source, name=name))
            read[name] = replace(mappings.get(one.name) or Agreed(Kind(one.kind)), source=one.source)
    return found, replace(options, mappings=read)


def _way(one: Configured) -> tuple[object, ...]:
    return one.kind, one.sort, one.start_status, one.automatic, one.currency
