"""What a robot is handed by whoever runs it. Knows no queue, no database and no chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deskhand.robots.control import Control
from deskhand.robots.evidence import Evidence
from deskhand.robots.secret import Secret

Confirm = Callable[[str, bytes], None]
"""What is about to be done, and its picture; returns after a yes, raises Stopped after a no or when time is over."""


@dataclass
class Session:
    """`evidence` is another one for each item: a robot reads it from here each time and keeps no copy.

    Attributes:
        settings: what the robot's file says (addresses, names of menus); no secrets.
        secrets: gives a credential by its name; it stands in no setting.
        confirm: asks the person before the last click; None: nobody attends, no question.
    """

    evidence: Evidence
    control: Control
    secrets: Callable[[str], Secret]
    settings: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    confirm: Confirm | None = None
