"""`robots/NAME.yml` -> `RobotSpec`, all faults with their lines; and the class that does the work.

A class is taken from `deskhand.robots` or from `robots/NAME.py` beside the file, where only administrators put files.
Files are read when they are needed: what was changed holds from the next item on.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from deskhand.orders.status import OrderStatus
from deskhand.orders.working_hours import DAYS
from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.vault import NAME as CREDENTIAL
from deskhand.store.file_faults import Fault, FileInvalid
from deskhand.store.yaml_places import Localised, Place, read_places

VARIABLES = "ROBOT_"
OURS = "deskhand.robots."
ORDER, PLAIN = "order", "plain"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_CLASS = re.compile(r"([a-z_][\w.]*):([A-Z]\w*)")
_TOP = (
    *("version", "title", "words", "class", "settings", "credentials", "licence", "places", "working_hours"),
    *("attended", "attempts", "seconds", "input", "feeds", "steps"),
)


class RobotInvalid(FileInvalid):
    """A robot's file says something that can't be; every fault with its line."""


class RobotUnusable(Exception):
    """Its class can't be had."""

    code = "robot_invalid"


class RobotLibraryMissing(RobotUnusable):
    """Its class needs a library that is not installed here."""

    code = "robot_library_missing"


@dataclass(frozen=True, slots=True)
class Hours:
    """When a robot may work, by the company's clock; `begins` after `ends` goes over midnight."""

    days: frozenset[int]
    begins: time
    ends: time

    def hold(self, now: datetime, zone: ZoneInfo) -> bool:
        here = now.astimezone(zone)
        at = here.time()
        if self.begins <= self.ends:
            return here.weekday() in self.days and self.begins <= at < self.ends
        early = at < self.ends and (here.weekday() - 1) % 7 in self.days
        return early or (at >= self.begins and here.weekday() in self.days)


@dataclass(frozen=True, slots=True)
class Feeds:
    """What becomes of the rows that a robot reads: they are imported.

    Attributes:
        source: the system's name; an order of a source is taken once.
        own: the column in which the system keeps our number; an order that is ours already is left out.
        mapping: a file of erp/mappings.
        start_status: as what they are taken; without it they are closed history.
    """

    source: str
    own: str = ""
    mapping: str | None = None
    start_status: str | None = None


@dataclass(frozen=True, slots=True)
class RobotSpec:
    """What a robot's file says.

    Attributes:
        steps: what people are told of a step, and of the last click, by its name in the class.
        input: `order`: an item is about an order, whose facts are handed over as they stand then.
        licence, places: how many sessions there may be at once of all robots that name the same licence.
        attempts: how often an item is begun before it is given up.
        seconds: after which an item that is still at work is stopped at its next step.
    """

    name: str
    title: Localised
    class_name: str
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    credentials: tuple[str, ...] = ()
    licence: str = ""
    places: int = 1
    hours: Hours | None = None
    attended: bool = False
    attempts: int = 5
    seconds: int = 600
    input: str = ORDER
    steps: Mapping[str, Localised] = field(default_factory=dict)
    feeds: Feeds | None = None


class Robots:
    """The folder of the files, and the variables that they may name."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self._variables = {name: value for name, value in variables.items() if name.startswith(VARIABLES)}

    @property
    def names(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.yml"))

    def read(self, name: str) -> RobotSpec:
        """Raises RobotNotKnown, RobotInvalid."""
        file = self.folder / f"{name}.yml"
        if not _NAME.fullmatch(name) or not file.is_file():
            raise RobotNotKnown(robot=name[:80])
        return read_robot(file.read_text(encoding="utf-8"), name, self._variables)

    def all(self) -> list[RobotSpec]:
        """Those whose files are in order."""
        return [spec for spec in map(self._if_valid, self.names) if spec is not None]

    def class_of(self, spec: RobotSpec) -> Any:
        """Raises RobotUnusable, RobotLibraryMissing."""
        module, _, name = spec.class_name.partition(":")
        try:
            found = getattr(self._module(module), name, None)
        except ModuleNotFoundError as error:
            ours = f"{error.name}.".startswith("deskhand.")
            raise (RobotUnusable if ours else RobotLibraryMissing)(f"{spec.name}: {error}") from error
        except ImportError as error:
            raise RobotUnusable(f"{spec.name}: {error}") from error
        if found is None:
            raise RobotUnusable(f"{spec.name}: {module} has no class {name}")
        return found

    def _if_valid(self, name: str) -> RobotSpec | None:
        try:
            return self.read(name)
        except (RobotNotKnown, RobotInvalid):
            return None

    def _module(self, name: str) -> ModuleType:
        if name.startswith(OURS):
            return importlib.import_module(name)
        file = self.folder / f"{name}.py"
        made = importlib.util.spec_from_file_location(f"robots_of_the_house.{name}", file)
        if made is None or made.loader is None or not file.is_file():
            raise ImportError(f"there is no {file.name}")
        module = importlib.util.module_from_spec(made)
        made.loader.exec_module(module)
        return module


def read_robot(text: str, name: str, variables: Mapping[str, str]) -> RobotSpec:
    """Raises RobotInvalid."""
    faults: list[Fault] = []
    root = read_places(text, f"{name}.yml", faults)
    if not faults:
        found = _spec(name, root, variables)
    if faults:
        raise RobotInvalid(*faults)
    return found


def _spec(name: str, root: Place, variables: Mapping[str, str]) -> RobotSpec:
    root.only(*_TOP)
    class_name = root.at("class").text()
    fits = _CLASS.fullmatch(class_name)
    if not fits or not (class_name.startswith(OURS) or "." not in fits[1]):
        root.at("class").fault(f"expected {OURS}MODULE:Class, or MODULE:Class of a file beside this one")
    words = root.at("words")
    words.only("zh", "en")
    return RobotSpec(
        name=name,
        title=root.at("title").localised(),
        class_name=class_name,
        words={language: place.words() for language, place in words.items()},
        settings=_settings(root.at("settings"), variables),
        credentials=_credentials(root.at("credentials")),
        licence=root.at("licence").text(name),
        places=_between(root.at("places"), 1, 1, 100),
        hours=_hours(root.at("working_hours")),
        attended=root.at("attended").flag(),
        attempts=_between(root.at("attempts"), 5, 1, 50),
        seconds=_between(root.at("seconds"), 600, 5, 24 * 3600),
        input=root.at("input").one_of((ORDER, PLAIN), ORDER),
        steps={name: place.localised() for name, place in root.at("steps").items()},
        feeds=_feeds(root.at("feeds")),
    )


def _settings(place: Place, variables: Mapping[str, str]) -> dict[str, str]:
    """Texts; what ends in _from is the name of a variable, for what each site has of its own."""
    found = {}
    for name, each in place.items():
        said = each.text()
        if name.endswith("_from"):
            if not said.startswith(VARIABLES):
                each.fault(f"expected the name of a variable that begins with {VARIABLES}")
            name, said = name.removesuffix("_from"), variables.get(said, "")
        if name == "url" and said and urlsplit(said).scheme not in ("http", "https"):
            each.fault("expected an address that begins with https:// or http://")
        found[name] = said
    return found


def _credentials(place: Place) -> tuple[str, ...]:
    for name in place.words():
        if not CREDENTIAL.fullmatch(name):
            place.fault(f"{name} is no name of a credential")
    return place.words()


def _feeds(place: Place) -> Feeds | None:
    if place.value is None:
        return None
    place.only("source", "own", "mapping", "start_status")
    status = place.at("start_status").one_of([*map(str, OrderStatus), ""], "")
    return Feeds(
        place.at("source").text(), place.at("own").text(""), place.at("mapping").text("") or None, status or None
    )


def _between(place: Place, default: int, least: int, most: int) -> int:
    said = place.whole()
    if said is not None and not least <= said <= most:
        place.fault(f"expected {least} to {most}")
    return default if said is None else said


def _hours(place: Place) -> Hours | None:
    """{days: [mon, tue], from: "08:00", to: "20:00"}; left out: at any time."""
    if place.value is None:
        return None
    place.only("days", "from", "to")
    days: Sequence[str] = place.at("days").several_of(DAYS) or DAYS
    return Hours(frozenset(map(DAYS.index, days)), _clock(place.at("from")), _clock(place.at("to")))


def _clock(place: Place) -> time:
    try:
        return time.fromisoformat(place.text())
    except ValueError:
        place.fault(f'{place.value} is not a time of day such as "08:00", in quotes')
        return time(0)
