"""Known vulnerabilities of both locks, by pip-audit. Knows its command line alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

NOT_CHECKED = "not checked"


def report(root: Path) -> list[dict[str, Any]]:
    """One row for each known vulnerability, and one for each package that the advisory database did not know.

    Raises:
        click.ClickException: the database could not be asked at all; nothing found would be no news then.
    """
    rows = [row for lock in ("dev", "dialogue") for row in _audit(root, lock)]
    if rows and all(row["id"] == NOT_CHECKED for row in rows):
        raise click.ClickException(f"none of the {len(rows)} packages could be checked: {rows[0]['fixed_in']}")
    return rows


def _audit(root: Path, lock: str) -> list[dict[str, Any]]:
    command = [
        sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json",
        "-r", str(root / "requirements" / f"{lock}.lock"),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        raise click.ClickException(f"pip-audit could not check {lock}.lock: {ran.stderr.strip()[-500:]}")
    return [row for package in json.loads(ran.stdout)["dependencies"] for row in _rows(lock, package)]


def _rows(lock: str, package: Mapping[str, Any]) -> list[dict[str, Any]]:
    about = {"environment": lock, "package": package["name"], "version": package.get("version")}
    if "skip_reason" in package:
        return [{**about, "id": NOT_CHECKED, "fixed_in": package["skip_reason"]}]
    return [{**about, "id": found["id"], "fixed_in": ", ".join(found["fix_versions"])} for found in package["vulns"]]
