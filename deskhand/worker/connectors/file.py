"""`connectors/NAME.yml` -> `Connector`, all faults with their lines. Knows no secret, only what it is called.

Files are read at each call: what was changed holds from the next one on, and a wrong file holds only its own calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from deskhand.store.file_faults import Fault, FileInvalid
from deskhand.store.yaml_places import Place, read_places
from deskhand.worker.connectors.errors import ConnectorUnknown
from deskhand.worker.connectors.model import Connector, Kind, Operation, Recorded, Sent, SignIn, Taken

CONNECTOR_VARIABLES = "CONNECTOR_"
"""What the name of every variable of a connector begins with: no file can name a secret of Deskhand's own."""

_Word = TypeVar("_Word", bound=StrEnum)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MOST_SECONDS = 30
_VARIABLE = re.compile(rf"{CONNECTOR_VARIABLES}[A-Z0-9_]{{1,60}}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PARAMETER = re.compile(r"\{(\w+)\}")
_TOP = (
    *("version", "title", "url", "url_from", "allow_http", "sign_in", "seconds", "idempotency_header"),
    *("operations", "recorded"),
)


class ConnectorInvalid(FileInvalid):
    """A connector's file says something that can't be; every fault with its line."""


class Connectors:
    """The folder of the files, and what the variables hold that they may name."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self._variables = variables

    @property
    def names(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.yml"))

    def read(self, name: str) -> Connector:
        """Raises ConnectorUnknown, ConnectorInvalid."""
        file = self.folder / f"{name}.yml"
        if not _NAME.fullmatch(name) or not file.is_file():
            raise ConnectorUnknown(f"there is no {file.name}")
        return read_connector(file.read_text(encoding="utf-8"), name)

    def missing(self, connector: Connector) -> list[str]:
        return [name for name in connector.variables if not self._variables.get(name)]

    def url(self, connector: Connector, own: str | None = None) -> str:
        """The address.

        Args:
            own: the one that the company's file gives, in the place of that of all.

        Raises:
            ConnectorUnknown: it is none, or has no TLS where the connector's file doesn't allow that.
        """
        said = own or connector.url or self._variable(connector, connector.url_from or "")
        parts = urlsplit(said)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
            raise ConnectorUnknown(f"{connector.name}: the address is none")
        if parts.scheme == "http" and not connector.allow_http:
            raise ConnectorUnknown(f"{connector.name}: an address without TLS needs allow_http: true")
        return said.rstrip("/")

    def secret(self, connector: Connector) -> str:
        """Raises ConnectorUnknown."""
        return self._variable(connector, connector.secret) if connector.secret else ""

    def _variable(self, connector: Connector, name: str) -> str:
        if not self._variables.get(name):
            raise ConnectorUnknown(f"{connector.name}: {name} is not set")
        return self._variables[name]


def read_connector(text: str, name: str) -> Connector:
    """Raises ConnectorInvalid."""
    faults: list[Fault] = []
    root = read_places(text, f"{name}.yml", faults)
    if not faults:
        found = _connector(name, root)
    if faults:
        raise ConnectorInvalid(*faults)
    return found


def _connector(name: str, root: Place) -> Connector:
    root.only(*_TOP)
    if not _NAME.fullmatch(name):
        root.fault("the file's name is small letters, digits and _")
    said, from_variable = root.at("url").text(""), _variable(root.at("url_from"))
    if bool(said) == bool(from_variable):
        root.at("url").fault("expected either url or url_from, the variable that holds the address")
    sign_in = root.at("sign_in")
    sign_in.only("as", "header", "secret")
    kind = _one_of(sign_in.at("as"), SignIn.NONE)
    secret = _variable(sign_in.at("secret"))
    if (kind is SignIn.NONE) is not (secret is None):
        sign_in.fault("a way to sign in has a secret, and none has none")
    operations = {key: _operation(key, place) for key, place in root.at("operations").items()}
    if not operations:
        root.at("operations").fault("expected the operations that can be asked")
    return Connector(
        name=name,
        title=root.at("title").localised(),
        url=said or None,
        url_from=from_variable,
        allow_http=root.at("allow_http").flag(),
        sign_in=kind,
        header=sign_in.at("header").text("Authorization"),
        secret=secret,
        seconds=_seconds(root.at("seconds")),
        idempotency_header=root.at("idempotency_header").text("Idempotency-Key"),
        operations=operations,
        recorded=tuple(_recorded(each, operations) for each in root.at("recorded").each()),
    )


def _one_of(place: Place, default: _Word) -> _Word:
    """One of the words of a set; the fault of another is told, and the default stands for it."""
    known = type(default)
    said = place.one_of([*known], default)
    return known(said) if said in [*known] else default


def _variable(place: Place) -> str | None:
    if place.value is None:
        return None
    if not _VARIABLE.fullmatch(str(place.value)):
        place.fault(f"expected the name of a variable that begins with {CONNECTOR_VARIABLES}")
    return str(place.value)


def _seconds(place: Place) -> float:
    said = place.number()
    if said is not None and not Decimal(0) < said <= MOST_SECONDS:
        place.fault(f"expected more than 0 and at most {MOST_SECONDS}")
    return float(said) if said is not None else 10.0


def _operation(name: str, place: Place) -> Operation:
    place.only("method", "path", "query", "body", "required", "answer", "refused")
    path = place.at("path").text()
    if not path.startswith("/") or "?" in path or ".." in path:
        place.at("path").fault("expected a path such as /customers/{customer}, without a query")
    answer = {key: _taken(each) for key, each in place.at("answer").items()}
    statuses = [each.whole() or 0 for each in place.at("refused").each()]
    return Operation(
        name=name,
        method=place.at("method").one_of(METHODS, "POST"),
        path=path,
        query={key: _sent(each) for key, each in place.at("query").items()},
        body={key: _sent(each) for key, each in place.at("body").items()},
        required=(*place.at("required").words(), *_PARAMETER.findall(path)),
        answer=answer,
        refused=frozenset(statuses),
    )


def _sent(place: Place) -> Sent:
    """A parameter's name, or more about it."""
    if not isinstance(place.value, dict):
        return Sent(place.text())
    place.only("from", "value", "as")
    if ("from" in place.value) is ("value" in place.value):
        place.fault("expected either from, a parameter, or value, which is always the same")
    kind = _one_of(place.at("as"), Kind.ANY)
    return Sent(place.at("from").text("") or None, place.at("value").value, kind)


def _taken(place: Place) -> Taken:
    """A path in the answer, or more about it."""
    if not isinstance(place.value, dict):
        return Taken(tuple(place.text().split(".")))
    place.only("at", "as", "required", "values")
    kind = _one_of(place.at("as"), Kind.TEXT)
    path = tuple(place.at("at").text().split("."))
    return Taken(path, kind, place.at("required").flag(default=True), place.at("values").words())


def _recorded(place: Place, operations: Mapping[str, Operation]) -> Recorded:
    place.only("name", "operation", "params", "request", "answer", "results")
    answer = place.at("answer")
    answer.only("status", "body")
    return Recorded(
        name=place.at("name").text(),
        operation=place.at("operation").one_of(list(operations)),
        params=dict(place.at("params").value or {}),
        request=dict(place.at("request").value or {}),
        status=answer.at("status").whole() or 200,
        body=answer.at("body").value,
        results=place.at("results").value,
    )
