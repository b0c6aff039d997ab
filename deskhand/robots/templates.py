"""The Python that `robot new` and `robot record` lay down."""

from __future__ import annotations

import re

NEW = '''"""The robot __name__: what it works on, and its steps.

Try it: deskhand robot run __name__ --input item.json --headed --dry-run
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from deskhand.robots.robot import Robot, refuse, step
from deskhand.robots.screen import spot
from deskhand.robots.web import Web, WebScreen
from deskhand.robots.work_item import WorkItem

# What stands on the screen: a name, and the ways to find it, tried in this order.
USER = spot("user", "label=User", "label=用户名")
PASSWORD = spot("password", "label=Password", "label=密码", secret=True)
SIGN_IN = spot("sign in", "button=Sign in", "button=登录")
SOUGHT = spot("reference to find", "label=Reference")
FIND = spot("find", "button=Find order")
FOUND = spot("orders found", "css=#orders")
NONE = spot("nothing found", "css=#none")
SAVE = spot("save", "button=Save")


class __class_name__(Robot):
    """Says what it does, in one line."""

    name = "__name__"
    target: ClassVar[Web] = Web()
    screen: WebScreen

    @step("sign in", tries=3)
    def open(self) -> None:
        self.screen.go("/signin")
        self.screen.fill(USER, self.secret("__name___user"))
        self.screen.fill(PASSWORD, self.secret("__name___password"))
        self.screen.submit(SIGN_IN)

    def process(self, item: WorkItem) -> Mapping[str, Any]:
        if self.is_there(item):  # look before you write: a robot that was killed comes again
            return {"entered_now": False}
        self.enter(item)
        self.last_click(SAVE, "save the order")
        if not self.is_there(item):
            raise refuse("not_found_after_posting", reference=item.reference)
        return {"entered_now": True}

    @step("look the reference up", tries=3)
    def is_there(self, item: WorkItem) -> bool:
        self.screen.go("/menu")
        self.screen.fill(SOUGHT, item.reference)
        self.screen.submit(FIND)
        return self.screen.shows(FOUND, NONE, within=10) == FOUND

    @step("enter", picture=True, tries=3)
    def enter(self, item: WorkItem) -> None:
        # A business exception: a person is asked, nothing is tried again.
        if not item.input.get("customer"):
            raise refuse("field_missing", field="customer")
'''

NEW_FILE = """# `deskhand robot run __name__ --input item.json --dry-run`; in the queue once somebody asks for it.
title: {zh: __name__, en: __name__}
words: {zh: [__name__], en: [__name__]}
class: __name__:__class_name__
settings: {url_from: ROBOT___VARIABLE___URL}
credentials: [__credentials__]
input: __input__
"""

RECORDED_FILE = NEW_FILE + "attended: true   # until look_up and read_back are filled in\n"

CLASS = '''"""The robot __name__, recorded at __origin__.

It does what was done once. Fill in `look_up` and `read_back`, which the recorder knows nothing of, and set `filled_in`:
until then it works only while somebody attends (`attended`, or a dry run), since it could enter the same again.
"""

from __future__ import annotations

from typing import Any, ClassVar

from deskhand.robots.recorded import RecordedRobot
from deskhand.robots.robot import step
from deskhand.robots.screen import spot
from deskhand.robots.web import Web, WebScreen
from deskhand.robots.work_item import WorkItem

__spots__


class __class_name__(RecordedRobot):
    """Does what was recorded."""

    name = "__name__"
    target: ClassVar[Web] = Web()
    screen: WebScreen
    filled_in = False

    @step("open")
    def open(self) -> None:
__opening__

    def carry_out(self, item: WorkItem) -> None:
__called__

    @step("look the reference up", tries=3)
    def look_up(self, item: WorkItem) -> str | None:
        # Go to the search, fill in item.reference, press; then what it is called there, or None where the page says
        # that nothing was found: self.screen.shows(FOUND, NONE, within=10). The shipped robots do so.
        raise NotImplementedError

    @step("read every field back", picture=True, tries=3)
    def read_back(self, item: WorkItem) -> Any:
        # Compare what the page shows with the item: self.screen.read(SPOT), self.screen.table(SPOT); raise
        # refuse("read_back_differs", differences=[...]) where they differ (from deskhand.robots.robot import refuse).
        raise NotImplementedError

__steps__'''

STEP = """    @step("__title__")
    def __method__(self, item: WorkItem) -> None:
__body__
"""


def filled(text: str, **said: str) -> str:
    """`__name__` -> what it says; words that are not given stay."""
    return re.sub(r"__([a-z]+(?:_[a-z]+)*)__", lambda match: said.get(match[1], match[0]), text)
