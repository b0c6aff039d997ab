"""Installing: what is left out when nothing changed, and what is said when something is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from deskhand.cli import bootstrap


@pytest.fixture
def step(tmp_path: Path) -> bootstrap.Step:
    lock = tmp_path / "x.lock"
    lock.write_text("six==1.16.0\n")
    return bootstrap.Step("x", tmp_path, "x", ["-r", str(lock)], [lock])


def test_a_step_is_done_until_its_lock_changes(step: bootstrap.Step, tmp_path: Path) -> None:
    assert not bootstrap.is_done(step)

    (tmp_path / ".deskhand-x").write_text(bootstrap.fingerprint(step))
    assert bootstrap.is_done(step)

    (tmp_path / "x.lock").write_text("six==1.17.0\n")
    assert not bootstrap.is_done(step)


def test_a_missing_python_310_is_told_with_ways_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_candidates_310", lambda: iter([sys.executable, "no-such-python"]))

    with pytest.raises(bootstrap.SetupFailed, match="uv python install 3.10"):
        bootstrap.python_310()


def test_the_tests_have_the_same_versions_as_the_product() -> None:
    def versions(name: str) -> set[str]:
        lines = bootstrap.requirement(name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line}

    assert versions("app") | versions("llm") <= versions("dev")


def test_torch_and_index_addresses_stay_out_of_the_locks() -> None:
    for lock in (bootstrap.ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        assert not any(line.startswith(("torch==", "nvidia-")) for line in text.splitlines()), lock.name


def test_node_packages_are_installed_from_locks_without_addresses_and_never_committed() -> None:
    for folder in bootstrap.NODE_FOLDERS:
        assert '"resolved"' not in (folder / "package-lock.json").read_text(), folder
        assert "omit-lockfile-registry-resolved=true" in (folder / ".npmrc").read_text(), folder
    assert "node_modules/" in (bootstrap.ROOT / ".gitignore").read_text().splitlines()
