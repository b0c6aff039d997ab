"""Versions of models: what is served is what was added, and nothing worse comes in the place of something better."""

from __future__ import annotations

import errno
import json
import pickle
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llm_server.registry import (
    Entry,
    Evaluation,
    ManifestDamaged,
    NotAModel,
    NotBetter,
    NotEnoughRoom,
    NotInRegistry,
    NotItsEvaluation,
    Registry,
    WrongChecksum,
)
from llm_server.registry.__main__ import main
from llm_server.registry.model_files import checksums
from tests.training.weights import write_weights

GOOD = {"facts_right": 0.95, "perplexity_answers": 3.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "config.json").write_text("{}")
    for shard in (1, 2):
        write_weights(made / f"model-{shard}-of-2.safetensors", shard, 5_000_000)
    (made / "optimizer.dat").write_text("not a part of it")
    return made


@pytest.fixture(params=["folder", "memory"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """In a folder, and in a store without folders."""
    return Registry(str(tmp_path / "registry") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_is_fetched_is_what_was_added(registry: Registry, folder: Path, tmp_path: Path) -> None:
    registry.add("letters", folder, Evaluation.of(GOOD, folder))
    registry.promote("letters", 1)

    fetched = registry.fetch("letters", tmp_path / "cache")

    names = {"config.json", "model-1-of-2.safetensors", "model-2-of-2.safetensors"}
    assert {path.name for path in fetched.iterdir()} == names
    assert all((fetched / name).read_bytes() == (folder / name).read_bytes() for name in names)
    assert registry.fetch("letters", tmp_path / "cache") == fetched


def test_a_version_is_promoted_only_if_it_is_not_worse_and_can_be_taken_back(registry: Registry, folder: Path) -> None:
    for figures in (
        GOOD,
        {"facts_right": 0.96, "perplexity_answers": 2.5},
        {"facts_right": 0.90, "perplexity_answers": 2.6},
        {"facts_right": 0.97},
    ):
        registry.add("letters", folder, Evaluation.of(figures, folder))
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
    registry.add("letters", folder, Evaluation.of(GOOD, folder))
    registry.promote("letters", 1)
    registry.promote("letters", 1)

    with pytest.raises(NotInRegistry):
        registry.roll_back("letters")


def test_a_changed_file_is_never_served(tmp_path: Path, folder: Path) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    weights = tmp_path / "registry" / "letters" / "00001" / "model-2-of-2.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x03")

    with pytest.raises(WrongChecksum, match="model-2-of-2.safetensors of letters version 1 is not what was added"):
        registry.fetch("letters", tmp_path / "cache", 1)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pickle.dumps({"weights": [1, 2, 3]}), "but a pickle, which can run any program"),
        (b"PK\x03\x04" + b"\0" * 100, "but a pickle"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"", "is not a safetensors file"),
        (b"\xff" * 4096, "is not a safetensors file"),
        (struct.pack("<Q", 2) + b"[]", "is not a safetensors file"),
        (struct.pack("<Q", 10**15) + b"{}", "is not a safetensors file"),
    ],
)
def test_what_only_calls_itself_safetensors_is_refused_before_anything_is_copied(
    tmp_path: Path, folder: Path, content: bytes, why: str
) -> None:
    (folder / "model-2-of-2.safetensors").write_bytes(content)

    with pytest.raises(NotAModel, match=why):
        Registry(str(tmp_path / "registry")).add("letters", folder)
    assert not (tmp_path / "registry").exists()


def test_weights_that_are_cut_off_or_lack_a_shard_are_refused(registry: Registry, folder: Path) -> None:
    whole = (folder / "model-2-of-2.safetensors").read_bytes()
    (folder / "model-2-of-2.safetensors").write_bytes(whole[:-1])
    with pytest.raises(NotAModel, match=f"is not whole: {len(whole) - 1} bytes where its head says {len(whole)}"):
        registry.add("letters", folder)
    (folder / "model-2-of-2.safetensors").unlink()
    shards = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(shards))
    with pytest.raises(NotAModel, match="names model-2-of-2.safetensors, which is not there"):
        registry.add("letters", folder)


def test_an_evaluation_of_other_files_is_refused_and_a_version_without_one_is_not_promoted(
    registry: Registry, folder: Path
) -> None:
    evaluation = Evaluation.of(GOOD, folder)
    registry.add("letters", folder, evaluation)
    (folder / "README.md").write_text("a card that was written afterwards")
    registry.add("letters", folder, evaluation)
    (folder / "config.json").write_text('{"rope_theta": 1}')

    with pytest.raises(NotItsEvaluation, match="of other files than .*: config.json differs"):
        registry.add("letters", folder, evaluation)
    assert registry.add("letters", folder).version == 3
    with pytest.raises(NotBetter, match="without an evaluation"):
        registry.promote("letters", 3)


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    full = shutil.disk_usage(tmp_path)._replace(free=9_999_999)
    monkeypatch.setattr("llm_server.registry.store.shutil.disk_usage", lambda path: full)

    with pytest.raises(NotEnoughRoom, match=r"[\d.]+ MB are needed and 10\.0 MB are free\. Delete old versions"):
        registry.add("letters", folder)
    with pytest.raises(NotEnoughRoom):
        registry.fetch("letters", tmp_path / "cache", 1)
    assert [entry.version for entry in registry.versions("letters")] == [1]
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_disk_that_fills_up_while_a_version_is_written_leaves_none(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(str(tmp_path / "registry"))
    upload = registry._upload

    def full(entry: Entry, path: Path) -> None:
        upload(entry, path)
        if "2-of-2" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(registry, "_upload", full)
    with pytest.raises(OSError, match="No space left"):
        registry.add("letters", folder)

    assert list((tmp_path / "registry" / "letters").iterdir()) == []


def test_what_lies_in_the_cache_is_checked_again_and_old_versions_leave_it(
    registry: Registry, folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    for _ in range(5):
        entry = registry.add("letters", folder, Evaluation.of(GOOD, folder))
        registry.promote("letters", entry.version)
        fetched = registry.fetch("letters", cache)
    other = registry.add("letters-2", folder)
    beside = registry.fetch("letters-2", cache, other.version)
    (fetched / "config.json").write_text("[]")

    assert registry.fetch("letters", cache) == fetched
    registry.tidy("letters", cache, serving=1)

    assert (fetched / "config.json").read_text() == "{}"
    kept = {path.name[: len("letters-00000")] for path in cache.iterdir() if path.is_dir()} - {"letters-2-000"}
    assert kept == {"letters-00001", "letters-00003", "letters-00004", "letters-00005"}
    assert beside.is_dir()


@pytest.mark.parametrize("said", ["", "{", "[]", '{"files": 3}', '{"name": "letters", "files": {"a": 1}}'])
def test_a_manifest_that_cannot_be_read_says_what_to_do(tmp_path: Path, folder: Path, said: str) -> None:
    registry = Registry(str(tmp_path / "registry"))
    registry.add("letters", folder)
    (tmp_path / "registry" / "letters" / "00001" / "manifest.json").write_text(said)

    with pytest.raises(ManifestDamaged, match="Add the model again"):
        registry.version("letters", 1)


def test_two_that_add_at_the_same_time_get_different_versions(registry: Registry, folder: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(lambda _: registry.add("letters", folder).version, range(4)))

    assert sorted(added) == [1, 2, 3, 4]


def test_the_command_goes_all_the_way(tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    store = ["--store", str(tmp_path / "registry")]
    done, figures = tmp_path / "done.json", tmp_path / "figures.json"
    measured = {"after": {"facts_right": 1.0, "samples": [], "perplexity_text": None}, "files": checksums(folder)}
    done.write_text(json.dumps(measured))
    figures.write_text(json.dumps({"facts_right": 0.5}))

    assert main([*store, "add", "letters", str(folder), "--evaluation", str(done), "--promote"]) == 0
    assert main([*store, "list", "letters"]) == 0
    assert main([*store, "fetch", "letters", "--into", str(tmp_path / "cache")]) == 0
    assert main([*store, "add", "letters", str(folder), "--evaluation", str(figures)]) == 1
    assert main([*store, "stamp", str(folder), str(figures)]) == 0
    assert main([*store, "add", "letters", str(folder), "--evaluation", str(figures), "--promote"]) == 1
    assert main([*store, "rollback", "letters"]) == 1

    assert "1 current model       10.0 MB  facts_right 1" in caplog.text
    assert "doesn't say which files it is of" in caplog.text
    assert "facts_right fell from 1 to 0.5" in caplog.text
    assert "no earlier version" in caplog.text


def test_help_tells_the_whole_way(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    said = capsys.readouterr().out.partition("The whole way")[2]
    steps = ["texts export", "llm_server.data", "llm_server.finetune", "registry add", "promote", "rollback"]
    assert [said.index(step) for step in steps] == sorted(said.index(step) for step in steps)
