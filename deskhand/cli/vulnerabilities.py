"""Known vulnerabilities of both locks, by pip-audit. Knows its command line alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click


def report(root: Path) -> list[dict[str, Any]]:
    """One row for each known vulnerability. Raises ClickException when the advisory service can't be reached."""
    return [row for lock in ("dev", "dialogue") for row in _audit(root, lock)]


def _audit(root: Path, lock: str) -> list[dict[str, Any]]:
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json",
        "-r", str(root / "requirements" / f"{lock}.lock"),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        raise click.ClickException(f"pip-audit could not check {lock}.lock: {ran.stderr.strip()[-500:]}")
    return [
        {"environment": lock, "package": package["name"], "version": package.get("version"), "id": found["id"],
         "fixed_in": ", ".join(found["fix_versions"])}
        for package in json.loads(ran.stdout)["dependencies"]
        for found in package.get("vulns", [])
    ]  # fmt: skip
