"""`deskhand robot`: what robots have to do and have done, their evidence; try again, stop, pause. Knows no screen."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.robot_making import new, record, run
from deskhand.cli.workplace import open_desk, operator
from deskhand.orders.actions import QUERY_ROBOTS
from deskhand.orders.model import Actor
from deskhand.robots.places import RobotPlaces
from deskhand.robots.queue import RobotQueue
from deskhand.robots.shift import folder_of
from deskhand.robots.words import problem_said
from deskhand.store import UnitOfWork
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState, WorkItem

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "robot", "reference", "state", "attempts", "owner", "step", "problem", "updated_at"]
_ITEM = click.argument("item", metavar="ID")
_ROBOT = click.argument("robot_name", metavar="ROBOT")


@click.group("robot")
def robot() -> None:
    """See what robots do, stop them, have them try again; make a new one."""


robot.add_command(new)
robot.add_command(record)
robot.add_command(run)


@robot.command()
@click.option("--robot", "name", help="Only of this one.")
@click.option("--state", type=click.Choice([str(each) for each in ItemState]), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@click.pass_obj
def items(context: Context, name: str | None, state: str | None, limit: int) -> None:
    """What robots have to do and have done, newest first."""

    def look(queue: RobotQueue, uow: UnitOfWork, who: Actor) -> Any:
        queue.look(uow, who)
        return uow.work_items.newest(name, [ItemState(state)] if state else [], limit=limit)

    found = _done(context, look, writes=False)
    context.output.rows("Robots' items", [_row(item) for item in found], COLUMNS)


@robot.command()
@_ITEM
@click.pass_obj
def evidence(context: Context, item: str) -> None:
    """What was kept of each attempt at an item: its files, with where they lie."""
    places = RobotPlaces.without_secrets(context.environment)

    def look(queue: RobotQueue, uow: UnitOfWork, who: Actor) -> Any:
        queue.look(uow, who)
        return [(row, uow.tenant.id) for row in uow.robots.evidence_of(queue.item(uow, item).id)]

    rows = [
        {"attempt": row.attempt, "kind": row.kind, "name": row.name, "size": row.size, "at": row.at,
         "file": str(folder_of(places.kept, tenant, row.item_id, row.attempt) / row.file), "sha256": row.digest}
        for row, tenant in _done(context, look, writes=False)
    ]  # fmt: skip
    context.output.rows("Evidence", rows, ["attempt", "kind", "name", "size", "at", "file"])


@robot.command()
@_ITEM
@click.pass_obj
def retry(context: Context, item: str) -> None:
    """Have an item tried again that did not succeed, with the order as it is now."""
    found = _done(context, lambda queue, uow, who: queue.again(uow, who, item))
    context.output.record(_row(found))


@robot.command()
@_ROBOT
@click.pass_obj
def pause(context: Context, robot_name: str) -> None:
    """Let a robot finish what it is at, and take nothing new."""
    _switch(context, robot_name, Mode.PAUSED)


@robot.command()
@_ROBOT
@click.pass_obj
def resume(context: Context, robot_name: str) -> None:
    """Let a robot run again."""
    _switch(context, robot_name, Mode.RUNNING)


@robot.command()
@click.argument("which", metavar="ROBOT|ID")
@click.pass_obj
def stop(context: Context, which: str) -> None:
    """Stop a robot before its next step (the item waits), or abandon one item by its id."""
    if which in RobotPlaces.without_secrets(context.environment).robots.names:
        _switch(context, which, Mode.STOPPED)
        return
    found = _done(context, lambda queue, uow, who: queue.stop(uow, who, which))
    context.output.record(_row(found))


def _switch(context: Context, name: str, mode: Mode) -> None:
    _done(context, lambda queue, uow, who: queue.switch(uow, who, name, mode))
    context.output.record({"robot": name, "mode": str(mode)})


def _done(context: Context, work: Callable[[RobotQueue, UnitOfWork, Actor], Any], writes: bool = True) -> Any:
    who = operator(context.environment, f"robot-{uuid.uuid4().hex[:12]}")
    with closing(open_desk(context.environment)) as desk:
        queue = RobotPlaces.without_secrets(context.environment).queue(desk)
        if not writes:
            desk.require(QUERY_ROBOTS, who)
        with desk.unit_of_work(who.tenant, read_only=not writes) as uow:
            found = work(queue, uow, who)
            if writes:
                uow.commit()
    return found


def _row(item: WorkItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "robot": item.robot,
        "reference": item.reference,
        "state": str(item.state),
        "attempts": item.attempts,
        "owner": item.owner,
        "step": item.step,
        "problem": problem_said(item.problem, "en"),
        "updated_at": item.updated_at,
    }
