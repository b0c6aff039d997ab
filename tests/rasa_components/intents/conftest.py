"""Scripts in Rasa's own Python, which has what these components need."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from deskhand.cli.services import rasa_python
from tests.support.deskhand import ROOT

Asked = Callable[[str, Any], Any]


@pytest.fixture(scope="session")
def rasa_says() -> Asked:
    """`rasa_says(script, said)`: `said` is there as JSON on standard input; what the script prints last is JSON."""
    if not rasa_python(ROOT).exists():
        pytest.skip("no .venv-dialogue: make setup")

    def run(script: str, said: Any) -> Any:
        ran = subprocess.run(
            [str(rasa_python(ROOT)), "-W", "ignore", "-c", script], input=json.dumps(said), cwd=ROOT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-2000:]
        return json.loads(ran.stdout.splitlines()[-1])

    return run
