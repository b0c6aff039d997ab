"""Where the real data lies. It is no part of the project: tests that need it skip, saying so, where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.deskhand import ROOT

SHARED = ROOT.parent / "shared" / "data"


def real_data(name: str) -> Path:
    """The folder of one data set."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"real data is missing: {name}")
    return folder
