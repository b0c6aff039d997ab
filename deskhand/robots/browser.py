"""Which browser there is on this machine: any Chromium or Chrome that was installed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from deskhand.robots.outcome import NotReady, SystemException

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable",
)  # fmt: skip
FOLDERS = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/opt/google/chrome/chrome")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NONE = (
    "no Chromium or Chrome was found: install one (Debian: apt-get install chromium) "
    "or name it in DESKHAND_ROBOT_BROWSER"
)


def browser(environ: Mapping[str, str] | None = None) -> str:
    """Its path.

    Raises:
        NotReady: `no_browser`, saying what to install.
    """
    environ = os.environ if environ is None else environ
    named = environ.get("DESKHAND_ROBOT_BROWSER", "")
    if named:
        return named
    path = environ.get("PATH")
    found = (shutil.which(name, path=path) for name in NAMES)
    first = next((each for each in found if each), None) or next(
        (each for each in FOLDERS if Path(each).exists()), None
    )
    if first is None:
        raise NotReady("no_browser", NONE)
    return first


def is_headed(settings: Mapping[str, str], environ: Mapping[str, str] | None = None) -> bool:
    """Whether people look at the browser.

    Raises:
        SystemException: `display_failed`: there is nothing to look at.
    """
    environ = os.environ if environ is None else environ
    headed = settings.get("headed") == "yes"
    if headed and sys.platform == "linux" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        raise SystemException("display_failed", "there is no DISPLAY to look at")
    return headed


def is_sandboxed() -> bool:
    """Whether Chromium's own sandbox is on; root has none, nor have containers that may make no user namespaces."""
    return os.geteuid() != 0 and os.environ.get("DESKHAND_ROBOT_SANDBOX", "1") != "0"
