"""What a decision has decided and by which rules: plain values, for the audit and for whoever asks why.

Knows nothing of files, cases or orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Applied:
    """One rule that counted, or one formula.

    `rule_number` counts from 1 as an editor shows it; 0 stands for a formula, or for a table none of whose rules
    applied: then `outputs` are what it gives by default. `inputs` are by the text of their column, or by the names that
    a formula reads.
    """

    decision: str
    rule_id: str
    rule_number: int
    annotation: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision's result, with the rules of everything that it needed, what came first being first.

    `outputs` is the result by output name, as a case keeps it.
    """

    decision: str
    result: Any
    outputs: Mapping[str, Any]
    applied: tuple[Applied, ...]
