"""The registry in an S3-like store that runs: s3rver on a free port, over a folder of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llm_server.registry import Evaluation, NotBetter, Registry, StoreFailed, WrongChecksum
from tests.support.deskhand import ROOT
from tests.training.weights import write_weights

SERVER = ROOT / "tests" / "training" / "s3_server"
BUCKET, KEY = "models", "S3RVER"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not (SERVER / "node_modules").is_dir():
        pytest.skip("Node is not here, or npm ci was not run in tests/training/s3_server: make test does")
    folder = tmp_path_factory.mktemp("s3")
    command = [node, "server.mjs", str(folder), BUCKET]
    with subprocess.Popen(command, cwd=SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()  # it ends by itself, as it would if this process died


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty place in the bucket; variables of the environment say where the store is, as they do for a server."""
    variables = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY}
    for name, value in {**variables, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "config.json").write_text("{}")
    for shard in (1, 2):
        write_weights(made / f"model-{shard}-of-2.safetensors", shard, 6_000_000)
    return made


def test_versions_go_in_are_promoted_seen_by_others_and_come_back_as_they_were(
    store: str, folder: Path, tmp_path: Path
) -> None:
    registry, server = Registry(store), Registry(store)
    assert server.current("letters") is None
    for quality in (0.9, 0.95, 0.5):
        registry.add("letters", folder, Evaluation.of({"facts_right": quality}, folder))
    registry.promote("letters", 1)
    assert server.current("letters") == 1
    registry.promote("letters", 2)
    with pytest.raises(NotBetter):
        registry.promote("letters", 3)

    fetched = server.fetch("letters", tmp_path / "cache")

    assert server.current("letters") == 2  # nothing is remembered of what was listed before
    assert {path.name: path.read_bytes() for path in fetched.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
    assert registry.roll_back("letters").version == server.current("letters") == 1
    assert [entry.version for entry in server.versions("letters")] == [1, 2, 3]
    assert server.names() == ["letters"]


def test_a_changed_object_is_never_served(store: str, folder: Path, tmp_path: Path) -> None:
    registry = Registry(store)
    registry.add("letters", folder)
    at = registry._at("letters", 1, "model-2-of-2.safetensors")
    registry._files.pipe_file(at, registry._files.cat_file(at)[:-1] + b"\x07")

    with pytest.raises(WrongChecksum):
        registry.fetch("letters", tmp_path / "cache", 1)


def test_what_was_cut_off_is_no_version(store: str, folder: Path) -> None:
    registry = Registry(store)
    registry.add("letters", folder)
    registry._files.pipe_file(registry._at("letters", 2, "config.json"), json.dumps({}).encode())

    assert [entry.version for entry in registry.versions("letters")] == [1]
    assert registry.add("letters", folder).version == 3


def test_of_two_who_add_at_once_each_has_a_version_of_its_own(store: str, folder: Path) -> None:
    with ThreadPoolExecutor(4) as people:
        added = list(people.map(lambda _: Registry(store).add("letters", folder).version, range(4)))

    assert sorted(added) == [1, 2, 3, 4] == [entry.version for entry in Registry(store).versions("letters")]


def test_a_key_or_a_bucket_that_is_wrong_and_a_store_that_is_gone_are_said(
    store: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreFailed, match="Are its address, keys and bucket right"):
        Registry("s3://nobody-s-bucket/own").add("letters", folder)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    with pytest.raises(StoreFailed, match="^models/.*: the store can't be used"):
        Registry(store).current("letters")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    said = subprocess.run(
        [sys.executable, "-m", "llm_server.registry", "--store", store, "list"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1 and "Traceback" not in said.stderr and "the store can't be used" in said.stderr
