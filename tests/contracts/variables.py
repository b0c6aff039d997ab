"""Which environment variables the code reads, found in its text."""

from __future__ import annotations

import re

from tests.support.deskhand import ROOT

_NAME = re.compile(
    r"""["'](DATABASE_URL|DATABASE_OWNER_URL|REDIS_URL|SMTP_URL|MAIL_FROM|ROBOT_VAULT|VAULT_[A-Z]+|(?:DESKHAND|RASA|ACTIONS|LLM|WORKER|SLACK|TEAMS)_[A-Z0-9_]+)["']"""
)
_SECRET = re.compile(r'''\b(secrets?|private|required_private)\(\s*environ(?:ment)?,\s*"([A-Z0-9_]+)"''')
_YAML = re.compile(r"\$\{([A-Z][A-Z0-9_]+)[:}]")


def variables_read_by(module: str) -> set[str]:
    """Names that stand as strings in the package's modules; a secret may stand in a file, or have come before."""
    texts = [path.read_text() for path in ROOT.joinpath(*module.split(".")).rglob("*.py")]
    found = {name for text in texts for name in _NAME.findall(text)}
    for how, name in (call for text in texts for call in _SECRET.findall(text)):
        found |= {f"{name}_FILE", f"{name}_PREVIOUS"} if how == "secrets" else {f"{name}_FILE"}
    return found


def variables_in_yaml(*names: str) -> set[str]:
    return {found for name in names for found in _YAML.findall((ROOT / name).read_text())}
