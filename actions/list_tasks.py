"""What waits for the speaker: tasks of all processes, due ones first; and the orders that wait for their desk."""

from __future__ import annotations

from actions import decide_task
from actions.case_reference import processes_named, waiting_tasks
from actions.desk_action import DeskAction
from actions.list_orders import show_desk
from actions.turn import Event, Turn


class ListTasksAction(DeskAction):
    """ "有什么要我批的", "what waits for me"."""

    action_name = "action_list_tasks"

    def act(self, turn: Turn) -> list[Event]:
        tasks = waiting_tasks(turn)
        named = {each.process for each in processes_named(turn)}
        shown = [task for task in tasks if task.process in named] if named else tasks
        if shown:
            turn.say("utter_tasks_waiting", count=len(shown))
            decide_task.offer(turn, shown)
        at_desk = not named and show_desk(turn)
        if not shown and not at_desk:
            turn.say("utter_no_tasks")
        return []
