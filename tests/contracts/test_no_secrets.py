"""The repository holds no secret: no key of any service known by its look, no value where a secret would stand."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.support.deskhand import ROOT

LOOKS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})",
    "a GitLab token": r"\bglpat-[\w-]{20}",
    "a Slack token": r"\bxox[abpr]-[\w-]{10,}",
    "a Google key": r"\bAIza[\w-]{35}\b",
    "an OpenAI key": r"\bsk-[A-Za-z0-9]{20,}",
    "a key of ours": r"\bdhk_[A-Za-z0-9]+_[\w-]{30,}",
    "a token that is signed": r"\beyJ[\w-]{10,}\.eyJ[\w-]{40,}\.[\w-]{40,}",
}
CONFIGURATION = {".yml", ".yaml", ".toml", ".ini", ".example", ".cfg", ".env", ""}
NAMED = re.compile(
    r"""(?im)^[\s#-]*["']?\w*(?:secret|password|passwd|token|api_?key)["']?(?:[ \t]*:[ \t]*|=)["']?([^\s"'#,}]*)"""
)
NO_VALUE = re.compile(r"\$\{.*|\$\$.*|null|None|true|false|\d{0,3}|[|>{\[]|/run/secrets/\w+|[A-Z][A-Z0-9_]+")
OURS = ("deskhand/", "actions/", "llm_server/", "rasa_components/", "tenants/", "processes/", "docker-compose.yml")
RANDOM = re.compile(r"""["'=: ]([A-Za-z0-9+/_-]{32,})["'\s]""")


@cache
def texts() -> dict[str, str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return {name: (ROOT / name).read_text(errors="replace") for name in files}


@pytest.mark.parametrize("what", LOOKS)
def test_nothing_looks_like_a_key(what: str) -> None:
    look = re.compile(LOOKS[what])

    assert [name for name, text in texts().items() if look.search(text)] == []


def test_no_configuration_gives_a_secret_a_value() -> None:
    for name, text in texts().items():
        path = Path(name)
        if path.suffix in CONFIGURATION and not name.startswith(("data/", "tests/", "requirements/")):
            for value in NAMED.findall(text):
                assert NO_VALUE.fullmatch(value), (name, value)


def test_no_text_of_ours_is_as_random_as_a_key() -> None:
    for name, text in texts().items():
        if name.startswith(OURS) and Path(name).suffix in {".py", ".yml", ".ini", ".toml"}:
            for found in RANDOM.findall(text):
                assert _bits(found) < 4.6, (name, found)


def test_a_key_would_be_found() -> None:
    made = "qT7" + "xZ1kP9vR4mW8sB2nL6cJ0dF5hG3yQaUeOiXtKo"

    assert _bits(made) > 4.6 and RANDOM.search(f'KEY = "{made}"')
    assert not NO_VALUE.fullmatch(NAMED.findall(f"  api_key: {made}")[0])
    assert re.search(LOOKS["an AWS key"], "AKIA" + "ABCDEFGH12345678")


def test_what_holds_secrets_is_not_committed() -> None:
    ignored = ["var/secrets.env", ".env", "var/deskhand.db"]

    ran = subprocess.run(["git", "check-ignore", *ignored], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout.split() == ignored
    assert not [name for name in texts() if Path(name).suffix in {".pem", ".key", ".p12", ".pfx", ".jks"}]


def _bits(text: str) -> float:
    """Shannon's entropy of a character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
