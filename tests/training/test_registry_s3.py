"""The registry in a real S3-like store: moto's server on a free port, s3fs as the client.

Their packages are the group `s3` of pyproject.toml, which holds python-dateutil back: `pip install --group s3` in an
environment of its own beside this one runs this file; elsewhere it is skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_server.registry import Evaluation, NotBetter, Registry, WrongChecksum
from tests.training.weights import write_weights

pytest.importorskip("s3fs")
server_of_moto = pytest.importorskip("moto.server")

pytestmark = pytest.mark.filterwarnings("default")  # of boto's own making


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = server_of_moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An empty bucket; variables of the environment say where the store is, as they do for a server."""
    import s3fs

    variables = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in {**variables, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    bucket = f"models-{abs(hash(request.node.name))}"
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir(bucket)
    return f"s3://{bucket}/own"


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
