"""torch without what one process on a processor never uses: a hundred megabytes and a second of each start.

transformers imports torch's compiler for marks that mean something to the compiler alone, asks for the classes of
tensors that are spread over many processes, and lays models out with torch's algebra of unknown shapes. Stand-ins take
the marks and answer for known shapes; whoever asks them for anything else gets the real module, loaded then. Of spread
tensors transformers is told what a torch built without them says. Knows no model.
"""

import importlib
import operator
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any


def keep_lean() -> None:
    """To be called before transformers is imported; changes nothing where there is a GPU."""
    import torch

    if torch.cuda.is_available():
        return
    compiler = _stand_in("torch._dynamo", _MARKS, [f"{path}/_dynamo" for path in torch.__path__])
    if compiler is not None:
        torch._dynamo = compiler
    _stand_in("torch.fx.experimental.symbolic_shapes", _KNOWN_SHAPES)
    _stand_in("sympy", {"Basic": _Unknown})
    torch.distributed.is_available = lambda: False


def _stand_in(name: str, known: Mapping[str, Any], path: list[str] | None = None) -> ModuleType | None:
    """Puts one in a module's place, unless that is loaded already; with a path, its parts can be imported."""
    if name in sys.modules:
        return None
    sys.modules[name] = module = _StandIn(name, known)
    if path is not None:
        module.__path__ = path
    return module


class _StandIn(ModuleType):
    """A module until more is asked of it than is known here."""

    def __init__(self, name: str, known: Mapping[str, Any]) -> None:
        super().__init__(name)
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        real = sys.modules.get(self.__name__)
        if real is self:
            del sys.modules[self.__name__]
            real = importlib.import_module(self.__name__)
            self.__dict__.update(real.__dict__)
        return getattr(real, name)


class _Unknown:
    """What nothing is an instance of."""


def _marked(function: Callable[..., Any] | None = None, *_: object, **__: object) -> Any:
    """Both ``@mark`` and ``@mark(...)``: the function as it is."""
    return (lambda marked: marked) if function is None else function


def _nothing(*_: object, **__: object) -> None:
    """There is nobody to tell."""


_MARKS: Mapping[str, Callable[..., Any]] = {
    "allow_in_graph": _marked,
    "assume_constant_result": _marked,
    "disable": _marked,
    "forbid_in_graph": _marked,
    "graph_break": _nothing,
    "is_compiling": lambda: False,
    "mark_dynamic": _nothing,
    "mark_static": _nothing,
    "mark_static_address": _nothing,
    "maybe_mark_dynamic": _nothing,
}

# Of shapes that are numbers, which all are without the compiler.
_KNOWN_SHAPES: Mapping[str, Callable[..., Any]] = {
    "expect_true": bool,
    "guard_or_false": bool,
    "guard_or_true": bool,
    "guard_scalar": lambda known: known,
    "guard_size_oblivious": bool,
    "guarding_hint_or_throw": lambda known: known,
    "has_guarding_hint": lambda _: True,
    "is_nested_int": lambda _: False,
    "statically_known_true": bool,
    "sym_and": lambda first, *others: all((first, *others)),
    "sym_eq": operator.eq,
    "sym_or": lambda first, *others: any((first, *others)),
}
