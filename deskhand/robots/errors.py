"""Refusals of robots' work, to people who ask for it or look after it. How an attempt ends is told in `outcome`.

DeskhandError (of orders)
├── RobotNotKnown              robot_not_known
├── UnknownItem                unknown_item
├── ItemNotStopped             item_not_stopped
└── ItemNotTriedAgain          item_not_tried_again
"""

from __future__ import annotations

from deskhand.orders.errors import DeskhandError


class RobotNotKnown(DeskhandError):
    """There is no robot {robot}, or its file is not in order."""

    code = "robot_not_known"


class UnknownItem(DeskhandError):
    """There is no such item of a robot."""

    code = "unknown_item"


class ItemNotStopped(DeskhandError):
    """{reference} is over already: there is nothing to stop."""

    code = "item_not_stopped"


class ItemNotTriedAgain(DeskhandError):
    """{reference} is done, or a robot has it still: it is not tried again."""

    code = "item_not_tried_again"
