"""What Playwright's recorder has written, as a robot class with named steps. Reads the Python with `ast`, runs nothing.

A value that was typed becomes a field of the item's input; what was typed where a password belongs becomes a
credential, and stands nowhere. What is not understood stands in the class as a comment: nothing gets lost unseen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deskhand.robots.screen import ROLES
from deskhand.robots.templates import CLASS, STEP, filled

_SECRET = re.compile(r"pass|secret|\bpin\b|token|密码|口令|密钥", re.IGNORECASE)
_ENDS_A_STEP = ("button", "link", "menuitem", "tab")
_IGNORED = ("close", "new_context", "new_page", "launch", "pause", "set_viewport_size")
_WAYS = {"get_by_label": "label", "get_by_text": "text", "get_by_placeholder": "placeholder",
         "get_by_test_id": "testid", "get_by_title": "title", "locator": "css"}  # fmt: skip


@dataclass
class Recorded:
    """What the recorder has written, in our words.

    Attributes:
        spots: constant -> the call that makes it.
        opening: what leads to where each item begins: everything up to the sign-in.
        steps: title -> statements.
        fields, credentials: names that the robot takes from its item and its vault.
        left_out: statements that are not understood.
    """

    address: str = ""
    spots: dict[str, str] = field(default_factory=dict)
    opening: list[str] = field(default_factory=list)
    steps: list[tuple[str, list[str]]] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class NotARecording(Exception):
    """The text is not what Playwright's recorder writes."""


def read_recording(text: str, robot: str) -> Recorded:
    """Raises NotARecording."""
    try:
        tree = ast.parse(text)
    except SyntaxError as problem:
        raise NotARecording(f"line {problem.lineno}: {problem.msg}") from problem
    run = next((each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == "run"), None)
    if run is None:
        raise NotARecording("it has no function `run`")
    reader = _Reader(robot)
    reader.read(run.body)
    return reader.done()


def robot_class(recorded: Recorded, name: str) -> str:
    """The Python of the robot."""
    spots = "\n".join(f"{constant} = {call}" for constant, call in recorded.spots.items())
    steps = [(title, list(body)) for title, body in recorded.steps]
    called = [f"self.{_slug(title, 'step')}_{number}(item)" for number, (title, _) in enumerate(steps, 1)]
    if steps:
        _last_click(steps[-1][1], steps[-1][0])
    methods = "\n".join(
        filled(STEP, title=title.replace('"', "'"), method=f"{_slug(title, 'step')}_{number}", body=_indented(body))
        for number, (title, body) in enumerate(steps, 1)
    )
    return filled(
        CLASS,
        name=name,
        class_name="".join(word.capitalize() for word in name.split("_")),
        origin=recorded.address or "a web application",
        spots=spots,
        opening=_indented(recorded.opening or ["self.screen.go()"]),
        called=_indented(called or ["pass"]),
        steps=methods,
    )


class _Reader:
    """Goes through the statements once, in their order."""

    def __init__(self, robot: str) -> None:
        self._robot, self._found = robot, Recorded()
        self._lines: list[str] = []
        self._accepts: bool = False

    def read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, ast.With):
                self._window(statement)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._call(statement.value)
            elif not isinstance(statement, ast.Assign | ast.Pass):
                self._unknown(statement)

    def done(self) -> Recorded:
        if self._lines:
            self._end_step("finish")
        return self._found

    def _call(self, call: ast.Call) -> None:
        chain = _chain(call)
        action, arguments = chain[-1]
        if len(chain) == 1:
            self._page(action, call)
            return
        spot = self._spot(chain[:-1])
        if spot is None:
            self._unknown(call)
        elif action in ("fill", "type", "press_sequentially"):
            self._fill(spot, arguments)
        elif action == "select_option":
            self._line(f"self.screen.choose({spot}, self.value(item, {self._field(spot)!r}))")
        elif action in ("click", "check", "uncheck", "dblclick"):
            self._click(spot, chain[-2])
        elif action == "press" and _text(arguments) == "Enter":
            self._line(f"self.screen.enter({spot})")
            self._end_step(f"enter {_said(chain[-2])}")
        elif action != "press" or _text(arguments) != "Tab":
            self._unknown(call)

    def _page(self, action: str, call: ast.Call) -> None:
        """What is done with the page itself, the browser or the context."""
        if action == "goto":
            self._go(_text(call.args))
        elif action == "once":
            self._accepts = "accept" in ast.unparse(call)
        elif action not in _IGNORED:
            self._unknown(call)

    def _go(self, address: str) -> None:
        where = urlsplit(address)
        if not self._found.address:
            self._found.address = f"{where.scheme}://{where.netloc}"
        path = where._replace(scheme="", netloc="").geturl() or "/"
        self._line(f"self.screen.go({path!r})")

    def _fill(self, spot: str, arguments: list[ast.expr]) -> None:
        if _SECRET.search(self._found.spots[spot]):
            if "secret=True" not in self._found.spots[spot]:
                self._found.spots[spot] = f"{self._found.spots[spot][:-1]}, secret=True)"
            name = f"{self._robot}_{spot.lower()}"
            self._found.credentials.append(name)
            self._line(f"self.screen.fill({spot}, self.secret({name!r}))")
            return
        said = _text(arguments).replace("\n", " ")[:60]
        self._line(f"self.screen.fill({spot}, self.value(item, {self._field(spot)!r}))  # recorded: {said}")

    def _click(self, spot: str, last: tuple[str, list[ast.expr]]) -> None:
        role = _text(last[1]) if last[0] == "get_by_role" else ""
        accept = ", accept=True" if self._accepts else ""
        self._accepts = False
        if role in _ENDS_A_STEP:
            self._line(f"self.screen.follow({spot}{accept})")
            self._end_step(f"press {_said(last)}")
        elif role not in ("textbox", "searchbox", "combobox") and last[0] != "get_by_label":
            self._line(f"self.screen.press({spot})")  # a click into a field that is then filled says nothing

    def _window(self, statement: ast.With) -> None:
        """`with page.expect_popup() as page1_info:` holds the click that opens a second window."""
        inside = [each.value for each in statement.body if isinstance(each, ast.Expr)]
        calls = [each for each in inside if isinstance(each, ast.Call)]
        spot = self._spot(_chain(calls[0])[:-1]) if len(calls) == 1 else None
        if spot is None or "expect_popup" not in ast.unparse(statement.items[0]):
            self._unknown(statement)
            return
        self._line(f"self.screen.open_window({spot})")

    def _line(self, line: str) -> None:
        self._lines.append(line)

    def _end_step(self, title: str) -> None:
        lines, self._lines = self._lines, []
        if not self._found.steps and any("self.secret(" in line for line in lines):
            self._found.opening = [line for line in lines]
            self._fields_of_opening()
            return
        self._found.steps.append((title, lines))

    def _fields_of_opening(self) -> None:
        """There is no item yet when a robot signs in: what was typed then is a credential too."""
        for at, line in enumerate(self._found.opening):
            match = re.search(r"self\.value\(item, '(\w+)'\)\).*", line)
            if match:
                name = f"{self._robot}_{match[1]}"
                self._found.credentials.append(name)
                self._found.fields.remove(match[1])
                self._found.opening[at] = f"{line[: match.start()]}self.secret({name!r}))"

    def _field(self, spot: str) -> str:
        name = spot.lower()
        if name not in self._found.fields:
            self._found.fields.append(name)
        return name

    def _spot(self, chain: list[tuple[str, list[ast.expr]]]) -> str | None:
        """The constant of the place that the chain leads to."""
        name, arguments = chain[-1]
        if len(chain) != 1 or not arguments:
            return None
        way = _way(name, arguments)
        if way is None:
            return None
        said = _said((name, arguments))
        call = f"spot({said!r}, {way!r})"
        for constant, known in self._found.spots.items():
            if known in (call, f"{call[:-1]}, secret=True)"):
                return constant
        constant = _slug(said, "spot").upper()
        while constant in self._found.spots:
            constant += "_2"
        self._found.spots[constant] = call
        return constant

    def _unknown(self, statement: ast.AST) -> None:
        said = ast.unparse(statement)
        if _SECRET.search(said):
            said = re.sub(r"(fill|type)\(.*\)$", r"\1(...)", said)
        self._found.left_out.append(said)
        self._lines += [f"# not understood: {line}" for line in said.splitlines()]


def _chain(call: ast.Call) -> list[tuple[str, list[ast.expr]]]:
    """`page.get_by_label("User").fill("x")` -> [(get_by_label, [User]), (fill, [x])]; what it hangs on is left out."""
    found: list[tuple[str, list[ast.expr]]] = []
    at: ast.expr = call
    while isinstance(at, ast.Call | ast.Attribute):
        if isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute):
            named = [each.value for each in at.keywords if each.arg == "name"]
            found.append((at.func.attr, [*at.args, *named]))
            at = at.func.value
        elif isinstance(at, ast.Attribute):
            found.append((at.attr, []))
            at = at.value
        else:
            break
    return found[::-1]


def _way(name: str, arguments: list[ast.expr]) -> str | None:
    said = [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if len(said) != len(arguments):
        return None
    if name == "get_by_role":
        return f"{said[0]}={said[1]}" if len(said) == 2 and said[0] in ROLES else None
    return f"{_WAYS[name]}={said[0]}" if name in _WAYS and len(said) == 1 else None


def _said(last: tuple[str, list[ast.expr]]) -> str:
    """What people call the place: its name or label."""
    return _text(last[1][-1:])


def _text(arguments: list[ast.expr]) -> str:
    first = arguments[0] if arguments else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def _slug(said: str, otherwise: str) -> str:
    name = re.sub(r"\W+", "_", said, flags=re.ASCII).strip("_").lower()[:40].rstrip("_")
    return name if name and not name[0].isdigit() else f"{otherwise}_{name}".rstrip("_")


def _last_click(body: list[str], title: str) -> None:
    """The last button is the one that can't be taken back: a dry run ends before it."""
    for at in range(len(body) - 1, -1, -1):
        match = re.fullmatch(r"self\.screen\.follow\((\w+)(, accept=True)?\)", body[at])
        if match:
            body[at] = f"self.last_click({match[1]}, {title!r}{match[2] or ''})"
            return


def _indented(lines: list[str]) -> str:
    return "\n".join(_two_deep(lines))


def _two_deep(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield f"        {line}"
