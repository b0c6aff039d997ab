"""Whether the processes that call each other fit: what is called is there, and is given what it asks for.

Reads compiled definitions; knows no database. A finding is like those of `process_lints`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deskhand.cases import Definition
from deskhand.cases.calls import call_nodes
from deskhand.engine import Node
from deskhand.store.live_processes import Running
from deskhand.store.process_files import DIAGRAM
from deskhand.store.process_lints import Lint

Others = Mapping[str, Definition]


def calls(running: Running, others: Others) -> Iterator[Lint]:
    """Of the version itself, and of those that call it and would not fit any more."""
    own = running.definition
    if own is None or not others:
        return
    together = {**others, own.process: own}
    for node in call_nodes(own):
        yield from ((True, DIAGRAM, *_of(node), problem) for problem in _problems(own, node, together))
    for caller in others.values():
        if caller.process == own.process:
            continue
        for node in call_nodes(caller):
            if node.called == own.process:
                place = (f"{caller.process}/{DIAGRAM}", *_of(node))
                yield from ((True, *place, problem) for problem in _problems(caller, node, together))


def _of(node: Node) -> tuple[int, str, str]:
    return node.line, node.id, node.name


def _problems(caller: Definition, node: Node, known: Others) -> Iterator[str]:
    called = known.get(node.called or "")
    if called is None:
        yield f"calls {node.called}, of which no version runs; known are {', '.join(sorted(known))}"
        return
    if caller.process in _reached(called, known):
        yield f"calls {called.process}, which leads back to {caller.process}: it would never end"
    asked = {each.name: each for each in called.fields_at()}
    given = {name for name, _ in node.gives}
    for name in sorted(given - asked.keys()):
        yield f"gives {name}, which {called.process} does not ask for at its start"
    for name, field in asked.items():
        if field.required and name not in given:
            yield f"gives no {name}, which {called.process} needs"


def _reached(called: Definition, known: Others) -> set[str]:
    """The processes that are called from there on, itself too."""
    found, ahead = set[str](), [called]
    while ahead:
        each = ahead.pop()
        if each.process not in found:
            found.add(each.process)
            named = (known.get(node.called or "") for node in call_nodes(each))
            ahead += [one for one in named if one is not None]
    return found
