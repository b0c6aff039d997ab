"""What `deskhand doctor` says of other systems: wrong files, variables that nobody set, calls that have changed.

It calls none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from deskhand.cases.effects import CALL_CONNECTOR
from deskhand.cli.workplace import open_desk
from deskhand.store.file_faults import FileInvalid
from deskhand.worker.connectors import Connector, Connectors, contradictions
from deskhand.worker.settings import variables_of

Said = tuple[str, str, str]
"""State, detail, remedy: as a finding has them."""

Use = tuple[str, str, str, frozenset[str]]
"""Who calls (process and task), which connector, which operation, with which parameters."""


def connectors(environment: Mapping[str, str]) -> Said:
    """`missing` where a process calls what can't be called; `absent` where a system is declared and not set up."""
    folder = Path(environment.get("DESKHAND_CONNECTORS_DIR", "connectors"))
    known = Connectors(folder, variables_of(environment))
    read: dict[str, Connector] = {}
    found: list[Said] = []
    for name in known.names:
        try:
            read[name] = known.read(name)
        except FileInvalid as error:
            found.append(("missing", str(error), f"correct {folder / name}.yml"))
    uses = _uses(environment)
    found += [said for connector in read.values() for said in _of_one(known, connector, {use[1] for use in uses})]
    found += [
        ("missing", said, "declare it in connectors/, or correct process.yml") for said in _uncallable(read, uses)
    ]
    worst = [said for said in found if said[0] == "missing"] or found
    if not worst:
        return "ok", f"{len(read)} declared, {len({use[1] for use in uses})} called by processes", ""
    more = f"; and {len(worst) - 1} more" if len(worst) > 1 else ""
    return worst[0][0], worst[0][1] + more, worst[0][2]


def _of_one(known: Connectors, connector: Connector, used: set[str]) -> Iterator[Said]:
    for said in contradictions(connector):
        yield "missing", f"{connector.name}: {said}", "correct the file, or record the call anew"
    if missing := known.missing(connector):
        state = "missing" if connector.name in used else "absent"
        yield state, f"{connector.name}: {', '.join(missing)} not set", f"set {' and '.join(missing)} for the worker"


def _uncallable(read: Mapping[str, Connector], uses: list[Use]) -> Iterator[str]:
    for task, name, operation, given in uses:
        if name not in read:
            yield f"{task} calls {name or 'nothing'}, which is not declared"
        elif operation not in read[name].operations:
            yield f"{task} calls {name}.{operation}, which is not declared"
        elif missing := sorted(set(read[name].operations[operation].required) - given):
            yield f"{task} sends no {', '.join(missing)} to {name}.{operation}"


def _uses(environment: Mapping[str, str]) -> list[Use]:
    """Every service task of every company that calls another system."""
    with closing(open_desk(environment, may_be_outdated=True)) as desk:
        if not desk.database.ready():
            return []
        found: dict[Use, None] = {}
        for tenant in desk.tenants:
            for definition in desk.definitions(tenant).values():
                for node in definition.compiled.table.nodes.values():
                    service = definition.services.get(node.id)
                    if node.effect == CALL_CONNECTOR:
                        called = (service.connector, service.operation) if service else (None, None)
                        given = frozenset(service.send if service else ())
                        found[f"{definition.process}.{node.id}", called[0] or "", called[1] or "", given] = None
    return list(found)
