"""The committed build: small enough, and what the sources say."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.frontend_widget.desk_double import WIDGET

BUILT = WIDGET / "dist" / "deskhand-chat.js"
BUDGET = 40_000


def test_the_built_file_is_at_most_40_kilobytes_compressed() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= BUDGET


def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not here")
    if not (WIDGET / "node_modules" / "esbuild").exists():
        pytest.skip("npm ci was not run in frontend_widget")

    again = tmp_path / "deskhand-chat.js"
    subprocess.run([node, "build.mjs", str(again)], cwd=WIDGET, check=True, timeout=120)

    assert again.read_bytes() == BUILT.read_bytes(), "run `npm run build` in frontend_widget and commit dist"


def test_the_sources_have_correct_types() -> None:
    compiler = WIDGET / "node_modules" / ".bin" / "tsc"
    if not compiler.exists():
        pytest.skip("npm ci was not run in frontend_widget")

    run = subprocess.run([compiler, "--noEmit"], cwd=WIDGET, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stdout


def test_every_sentence_stands_with_the_texts() -> None:
    strays = [
        path.name
        for path in sorted((WIDGET / "src").glob("*.ts"))
        if not path.name.startswith("i18n")
        and any("\u4e00" <= character <= "\u9fff" for character in path.read_text("utf-8"))
    ]

    assert strays == []


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((WIDGET / "package-lock.json").read_text("utf-8"))["packages"]

    assert all("resolved" not in package for package in packages.values())
    assert all(package.get("integrity") for name, package in packages.items() if name)


def test_no_module_is_longer_than_two_hundred_lines() -> None:
    longest = {path.name: len(path.read_text("utf-8").splitlines()) for path in (WIDGET / "src").glob("*.ts")}

    assert [name for name, lines in longest.items() if lines > 200] == []
