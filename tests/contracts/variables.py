"""Which environment variables the code reads, found in its text."""

from __future__ import annotations

import re

from tests.support.deskhand import ROOT

_NAME = re.compile(
    r"""["'](DATABASE_URL|REDIS_URL|SMTP_URL|MAIL_FROM|(?:DESKHAND|RASA|ACTIONS|LLM|WORKER)_[A-Z0-9_]+)["']"""
)
_YAML = re.compile(r"\$\{([A-Z][A-Z0-9_]+)[:}]")


def variables_read_by(module: str) -> set[str]:
    """Names that stand as strings in the package's modules."""
    folder = ROOT.joinpath(*module.split("."))
    return {name for path in folder.rglob("*.py") for name in _NAME.findall(path.read_text())}


def variables_in_yaml(*names: str) -> set[str]:
    return {found for name in names for found in _YAML.findall((ROOT / name).read_text())}
