"""Runs Playwright's recorder on a browser that people work, and gives back what it wrote. Knows nothing of robots."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from deskhand.robots.browser import browser


def recorder(url: str, output: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Begins; it ends when its window is closed, and `output` then holds Python.

    Raises:
        SystemException: `no_browser`.
    """
    # Playwright's recorder has no option for the browser's path; this is the variable with which it tests itself.
    said = {**os.environ, **(environment or {}), "PWTEST_CLI_EXECUTABLE_PATH": browser()}
    command = [sys.executable, "-m", "playwright", "codegen", "--target", "python", "--output", str(output), url]
    return subprocess.Popen(command, env=said, stdin=subprocess.DEVNULL)
