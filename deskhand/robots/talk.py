"""An item in words, for whoever tells of it: what it is called, how it stands, where its last picture is."""

from __future__ import annotations

from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.robots_file import RobotInvalid, Robots
from deskhand.robots.rows import FOR_IMPORT
from deskhand.robots.words import problem_said, said_of
from deskhand.store import UnitOfWork
from deskhand.store.work_item import ItemState, WorkItem

LINK = "/api/robot-evidence/{id}"
SHOWN = "![{label}]({address})"  # a line of its own; messengers show the address
CLICK = "robot_click"  # the kind of the card that asks before the last click
CARD = "robot:{id}"  # the card that changes while the robot works; the gateway changes it


def robot_title(robots: Robots, robot: str, language: str) -> str:
    try:
        return robots.read(robot).title.get(language, robot)
    except (RobotNotKnown, RobotInvalid):
        return robot


def step_said(robots: Robots, robot: str, step: str, language: str) -> str:
    """As the robot's file calls it."""
    try:
        return robots.read(robot).steps.get(step, {}).get(language) or step
    except (RobotNotKnown, RobotInvalid):
        return step


def item_title(item: WorkItem, robots: Robots, language: str) -> str:
    robot = robot_title(robots, item.robot, language)
    return said_of("progress_title", language, robot=robot, reference=item.reference)


def item_facts(item: WorkItem, robots: Robots, language: str) -> list[dict[str, str]]:
    """State, step, what came of it; what there is nothing of is left out."""
    shown = [
        ("state", said_of(str(item.state), language)),
        ("step", step_said(robots, item.robot, item.step or "", language)),
        ("attempt", str(item.attempts) if item.attempts > 1 else ""),
        ("reason", problem_said(item.problem, language)),
    ]
    return [{"key": key, "label": said_of(key, language), "value": value} for key, value in shown if value]


def report(item: WorkItem, robots: Robots, language: str) -> str:
    """One sentence of an item that is over."""
    facts = {"reference": item.reference, "robot": robot_title(robots, item.robot, language)}
    facts["problem"] = problem_said(item.problem, language)
    if item.state is ItemState.SUCCESSFUL and "rows" in (item.output or {}):
        return said_of("told_read", language, **facts, count=str((item.output or {}).get("count", "")))
    if item.state is ItemState.FAILED and FOR_IMPORT in item.input:
        return said_of("told_not_read", language, **facts)
    if item.state is ItemState.SUCCESSFUL:
        return said_of("told_dry" if item.dry_run else "told_done", language, **facts)
    return said_of("told_abandoned" if item.state is ItemState.ABANDONED else "told_failed", language, **facts)


def picture_shown(evidence_id: str, language: str, address: str = "") -> str:
    """The line that shows it; `address`: of the gateway, for messengers."""
    return SHOWN.format(label=said_of("picture", language), address=address + LINK.format(id=evidence_id))


def last_picture(uow: UnitOfWork, item: WorkItem) -> str | None:
    """The id of the newest one that was kept."""
    pictures = [row for row in uow.robots.evidence_of(item.id) if row.kind == "screenshot"]
    return pictures[-1].id if pictures else None
