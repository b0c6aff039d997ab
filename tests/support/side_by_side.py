"""Two processes share the tests of a run: which tests stay together in one, and which begin first. Knows no test.

A file's tests share fixtures, so a file stays in one process. What starts the product or trains Rasa stays together
whole: the model is trained once, and the two cores are never asked for two products at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdist.scheduler import LoadScopeScheduling

PRODUCT = "the product"
WHOLE = {
    "e2e": PRODUCT, "dialogue": PRODUCT, "llm_server": "the model", "rasa_components": "rasa components",
    "language": "language",
}  # fmt: skip
FIRST = (PRODUCT, "tests/gateway", "tests/store", "tests/worker")  # what takes longest


def scope_of(nodeid: str) -> str:
    """`tests/e2e/test_x.py::test_y[z]` -> "the product"; elsewhere the file."""
    file = nodeid.split("::", 1)[0]
    _, _, inside = file.partition("tests/")
    return WHOLE.get(inside.split("/", 1)[0], file)


def in_order(nodeids: Sequence[str]) -> list[str]:
    """What takes longest comes first, else as collected."""
    return sorted(nodeids, key=lambda nodeid: _rank(scope_of(nodeid)))


def _rank(scope: str) -> int:
    return next((rank for rank, start in enumerate(FIRST) if scope.startswith(start)), len(FIRST))


class SideBySide(LoadScopeScheduling):
    """Deals out scopes in the order in which their first test was collected."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
