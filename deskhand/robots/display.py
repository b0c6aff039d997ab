"""An X display with keyboard, mouse, clipboard and pictures: Xvfb on a number of its own, or the one people look at.

Keys and clicks go by xdotool, texts by the clipboard (xclip), secrets are typed from standard input: nothing that is
entered stands in the arguments of a process. Knows no program that is worked.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageGrab

from deskhand.robots.outcome import NotReady, SystemException

TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool", "xclip": "xclip"}
PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")  # of our environment, to programs
EMPTY = "\u2060deskhand\u2060"  # in the clipboard before a copy: what is still there afterwards was not copied
_STARTS = 30.0  # seconds that a display may take
_grabbing = threading.Lock()  # robots on other displays take their pictures in other threads
_WILD = 65535  # Xauthority: for every address


@dataclass(frozen=True, slots=True)
class Window:
    """One that can be seen."""

    id: str
    title: str
    x: int
    y: int
    width: int
    height: int


def missing_tools(headed: bool = False) -> list[str]:
    """Debian packages that are not here."""
    return [package for tool, package in TOOLS.items() if not shutil.which(tool) and not (headed and tool == "Xvfb")]


class Display:
    """Begins with `open`, ends with `close`; what was started on it ends with it, also when this process is killed."""

    def __init__(self, size: tuple[int, int] = (1024, 768)) -> None:
        self._size = size
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._running: list[subprocess.Popen[bytes]] = []
        self.environment: dict[str, str] = {}

    def open(self, *, headed: bool = False) -> None:
        """Raises NotReady `display_tools_missing`; SystemException `display_failed`."""
        missing = missing_tools(headed)
        if missing:
            raise NotReady("display_tools_missing", f"Debian: apt-get install {' '.join(missing)}")
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment = {**passed, "LC_ALL": "C.UTF-8"}
        if headed:
            self.environment |= {name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY") if name in os.environ}
            if "DISPLAY" not in self.environment:
                raise SystemException("display_failed", "there is no DISPLAY to look at")
            return
        self._folder = tempfile.TemporaryDirectory(prefix="deskhand-display-")
        cookie = Path(self._folder.name, "authority")
        cookie.write_bytes(_authority())
        self.environment |= {"DISPLAY": f":{self._served(cookie)}", "XAUTHORITY": str(cookie)}

    def close(self) -> None:
        """Never raises."""
        for process in reversed(self._running):
            process.kill()
            process.wait()
        self._running.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def program(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Starts it here; it sees nothing of our environment but `PASSED_ON`."""
        return self._started(command, {**self.environment, **(environment or {})})

    # Keyboard, mouse, clipboard

    def keys(self, window: Window, *keys: str) -> None:
        """Keys such as `alt+r`, `F8`, or `120,40`: a click there in the window."""
        said: list[str] = ["windowfocus", "--sync", window.id]
        for key in keys:
            x, _, y = key.partition(",")
            if y:
                said += ["mousemove", "--window", window.id, x, y, "click", "1"]
            else:
                said += ["key", "--delay", "2", "--clearmodifiers", key]
        self.xdotool(*said)

    def typed(self, text: str) -> None:
        """Key by key, into what has the focus."""
        self.xdotool("type", "--delay", "4", "--clearmodifiers", "--file", "-", given=text)

    def put_clipboard(self, text: str) -> None:
        self._run(["xclip", "-selection", "clipboard", "-in", "-silent"], text, output=False)

    def clipboard(self) -> str:
        return self._run(["xclip", "-selection", "clipboard", "-out", "-target", "UTF8_STRING"])

    def windows(self) -> list[Window]:
        """All that can be seen and have a title."""
        try:
            said = self.xdotool("search", "--onlyvisible", "--name", ".", "getwindowname", "%@",
                                "getwindowgeometry", "--shell", "%@")  # fmt: skip
        except SystemException:  # none, or one that closed while it was looked at
            return []
        lines = said.splitlines()
        shapes = [line.split("=", 1) for line in lines if line.startswith(("WINDOW=", "X=", "Y=", "WIDTH=", "HEIGHT="))]
        numbers = [value for _, value in shapes]
        found = [numbers[at : at + 5] for at in range(0, len(numbers), 5)]
        return [
            Window(id_, title, int(x), int(y), int(width), int(height))
            for title, (id_, x, y, width, height) in zip(lines, found, strict=False)
        ]

    def picture(self, covered: Sequence[Window] = ()) -> bytes:
        """A PNG of the whole display; these windows are black in it."""
        with _grabbing:
            before = os.environ.get("XAUTHORITY")
            if "XAUTHORITY" in self.environment:
                os.environ["XAUTHORITY"] = self.environment["XAUTHORITY"]  # the library looks nowhere else
            try:
                image = ImageGrab.grab(xdisplay=self.environment["DISPLAY"])
            finally:
                os.environ.pop("XAUTHORITY", None) if before is None else os.environ.update(XAUTHORITY=before)
        return _covered(image, covered)

    def xdotool(self, *arguments: str, given: str = "") -> str:
        return self._run(["xdotool", *arguments], given)

    # How

    def _run(self, command: Sequence[str], given: str = "", output: bool = True) -> str:
        try:
            ran = subprocess.run(
                command, input=given.encode(), env=self.environment, timeout=20, check=False,
                stdout=subprocess.PIPE if output else subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired as problem:
            raise SystemException("time_out", command[0]) from problem
        if ran.returncode:
            raise SystemException("target_not_reached", f"{command[0]} {command[1]}")
        return ran.stdout.decode("utf-8", "replace") if output else ""

    def _served(self, cookie: Path) -> str:
        """The number of a display that the server found free."""
        reading, writing = os.pipe()
        width, height = self._size
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp",
                   "-auth", str(cookie), "-noreset"]  # fmt: skip # else it begins anew when the last client goes
        server = self._started(command, self.environment, writing)
        os.close(writing)
        os.set_blocking(reading, False)
        said, until = b"", time.monotonic() + _STARTS
        try:
            while not said.endswith(b"\n"):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemException("display_failed", "Xvfb did not start")
                try:
                    said += os.read(reading, 16)
                except BlockingIOError:
                    time.sleep(0.01)
        finally:
            os.close(reading)
        return said.decode().strip()

    def _started(self, command: Sequence[str], environment: Mapping[str, str], *passed: int) -> subprocess.Popen[bytes]:
        with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        process = subprocess.Popen(
            [*with_us, *command], env=dict(environment), pass_fds=passed, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._running.append(process)
        return process


def _authority() -> bytes:
    """One entry: whoever has this cookie may use the display, nobody else of this machine."""
    name, cookie = b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16)
    fields = (b"", b"", name, cookie)
    return struct.pack(">H", _WILD) + b"".join(struct.pack(">H", len(each)) + each for each in fields)


def _covered(image: Image.Image, windows: Sequence[Window]) -> bytes:
    brush = ImageDraw.Draw(image)
    for each in windows:
        brush.rectangle((each.x, each.y, each.x + each.width, each.y + each.height), fill="black")
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()
