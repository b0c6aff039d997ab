"""Reads the tenants' files: `tenants/<id>.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from deskhand.orders.tenant import Tenant


class TenantFileInvalid(ValueError):
    """A tenant's file names a setting that does not exist, or lacks one."""


def load_tenants(directory: Path | str) -> Mapping[str, Tenant]:
    """All tenants by id; the file's name is the id.

    Raises:
        TenantFileInvalid: naming file and setting.
    """
    files = sorted(Path(directory).glob("*.yml"))
    if not files:
        raise TenantFileInvalid(f"no tenant in {directory}: expected <tenant>.yml")
    return {file.stem: _tenant(file) for file in files}


def _tenant(file: Path) -> Tenant:
    settings = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    unknown = set(settings) - {field.name for field in fields(Tenant)}
    if unknown or "name" not in settings:
        raise TenantFileInvalid(
            f"{file}: " + (f"unknown {', '.join(sorted(unknown))}" if unknown else "name is missing")
        )
    if "languages" in settings:
        settings["languages"] = tuple(settings["languages"])
    if "settlement_cut_off" in settings:
        settings["settlement_cut_off"] = time.fromisoformat(str(settings["settlement_cut_off"]))
    ZoneInfo(settings.get("time_zone", "UTC"))
    return Tenant(id=file.stem, **settings)
