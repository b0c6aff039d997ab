"""Versions of models: what is served is what was added, and nothing worse comes in the place of something better."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_server.registry import NotAModel, NotBetter, NotInRegistry, Registry, WrongChecksum
from llm_server.registry.__main__ import main

GOOD = {"facts_right": 0.95, "perplexity_answers": 3.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "config.json").write_text("{}")
    for shard in (1, 2):
        (made / f"model-{shard}-of-2.safetensors").write_bytes(bytes([shard]) * 5_000_000)
    (made / "optimizer.dat").write_text("not a part of it")
    return made


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """In a folder, and in a store without folders."""
    return Registry(str(tmp_path / "registry") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_is_fetched_is_what_was_added(registry: Registry, folder: Path, tmp_path: Path) -> None:
    registry.add("letters", folder, GOOD)
    registry.promote("letters", 1)

    fetched = registry.fetch("letters", tmp_path / "cache")

    names = {"config.json", "model-1-of-2.safetensors", "model-2-of-2.safetensors"}
    assert {path.name for path in fetched.iterdir()} == names
    assert all((fetched / name).read_bytes() == (folder / name).read_bytes() for name in names)
    assert registry.fetch("letters", tmp_path / "cache") == fetched


def test_a_version_is_promoted_only_if_it_is_not_worse_and_can_be_taken_back(registry: Registry, folder: Path) -> None:
    registry.add("letters", folder, GOOD)
    registry.add("letters", folder, {"facts_right": 0.96, "perplexity_answers": 2.5})
    registry.add("letters", folder, {"facts_right": 0.90, "perplexity_answers": 2.6})
    registry.add("letters", folder, {"facts_right": 0.97})
    for version in (1, 2):
        registry.promote("letters", version)

    with pytest.raises(NotBetter, match=r"facts_right fell from 0.96 to 0.9; perplexity_answers rose from 2.5 to 2.6"):
        registry.promote("letters", 3)
    with pytest.raises(NotBetter, match="perplexity_answers was not measured"):
        registry.promote("letters", 4)
    assert registry.current("letters") == 2
    assert registry.promote("letters", 3, tolerance=0.1).version == 3
    assert registry.roll_back("letters").version == 2
    assert registry.roll_back("letters").version == 1
    with pytest.raises(NotInRegistry, match="no earlier version"):
        registry.roll_back("letters")


def test_promoting_the_current_one_again_changes_nothing(registry: Registry, folder: Path) -> None:
    registry.add("letters", folder)
    registry.promote("letters", 1)
    registry.promote("letters", 1)

    with pytest.raises(NotInRegistry):
        registry.roll_back("letters")


def test_a_changed_file_is_never_served(tmp_path: Path, folder: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    weights = tmp_path / "registry" / "letters" / "00001" / "model-2-of-2.safetensors"
    weights.write_bytes(b"\x02" * 4_999_999 + b"\x03")

    with pytest.raises(WrongChecksum, match="model-2-of-2.safetensors of letters version 1 is not what was added"):
        registry.fetch("letters", tmp_path / "cache", 1)
    assert not list((tmp_path / "cache").iterdir())


def test_a_manifest_cannot_write_outside_its_folder(tmp_path: Path, folder: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    manifest = tmp_path / "registry" / "letters" / "00001" / "manifest.json"
    said = json.loads(manifest.read_text())
    said["files"]["../../evil.json"] = said["files"]["config.json"]
    manifest.write_text(json.dumps(said))

    with pytest.raises(WrongChecksum):
        registry.fetch("letters", tmp_path / "cache", 1)
    assert not (tmp_path / "evil.json").exists()


def test_a_version_whose_manifest_was_never_written_is_none(tmp_path: Path, folder: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    cut_off = tmp_path / "registry" / "letters" / "00002"
    cut_off.mkdir()
    (cut_off / "config.json").write_text("{}")

    assert [entry.version for entry in registry.versions("letters")] == [1]
    with pytest.raises(NotInRegistry):
        registry.version("letters", 2)
    assert registry.add("letters", folder).version == 3


@pytest.mark.parametrize("name", ["../up", "A", "", "a/b", "x" * 65])
def test_a_name_is_no_path(registry: Registry, folder: Path, name: str) -> None:
    with pytest.raises(NotAModel):
        registry.add(name, folder)


def test_pickles_and_empty_folders_are_refused(registry: Registry, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match="no safetensors"):
        registry.add("letters", tmp_path / "nowhere")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(NotAModel, match="pickled weights"):
        registry.add("letters", folder)


def test_the_command_goes_all_the_way(tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    store = ["--store", str(tmp_path / "registry")]
    done = tmp_path / "done.json"
    done.write_text(json.dumps({"after": {"facts_right": 1.0, "samples": [], "perplexity_text": None}}))

    assert main([*store, "add", "letters", str(folder), "--evaluation", str(done)]) == 0
    assert main([*store, "promote", "letters", "1"]) == 0
    assert main([*store, "list", "letters"]) == 0
    assert main([*store, "fetch", "letters", "--into", str(tmp_path / "cache")]) == 0
    assert main([*store, "rollback", "letters"]) == 1

    assert "1 current     10.0 MB  facts_right 1" in caplog.text
    assert "no earlier version" in caplog.text
