"""Trains the dialogue model when what it is made from has changed. Knows Rasa's command line, nothing of dialogue."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from deskhand.cli.process_words import training_data
from deskhand.cli.services import rasa_python

KEEP = 3  # trained models that stay, newest first

_PROGRESS = re.compile(r"sentence vectors: .*|training on .*")  # what rasa_components/intents writes into the log


class TrainingFailed(Exception):
    """Rasa refused the files; the message carries the end of its log."""


def inputs(root: Path) -> Iterator[Path]:
    """Every file that the model depends on."""
    yield root / "requirements" / "dialogue.lock"
    yield from (root / name for name in ("config.yml", "domain.yml"))
    yield from sorted((root / "data").rglob("*.yml"))
    pipeline = (root / "config.yml").read_text(encoding="utf-8")
    components = sorted((root / "rasa_components").rglob("*.py"))  # the channel there is no part of the model
    yield from (path for path in components if any(f"{name}." in pipeline for name in _modules(root, path)))


def _modules(root: Path, path: Path) -> tuple[str, ...]:
    """The module, and its folder when that is a package of its own: what config.yml names may use all of it."""
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    package = module.rpartition(".")[0]
    return (module, package) if package.count(".") else (module,)


def fingerprint(root: Path) -> str:
    """sha256 over names and contents of the inputs, and over what the processes' own words teach."""
    digest = hashlib.sha256()
    for path in inputs(root):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    digest.update(training_data(root).encode())
    return digest.hexdigest()[:16]


def model_path(root: Path, models: Path) -> Path:
    """Where the model of the present inputs lies, or would lie."""
    return models / "rasa" / f"dialogue-{fingerprint(root)}.tar.gz"


def train(root: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """Returns the model of the present inputs, training it if it is not there yet.

    Raises:
        TrainingFailed: with the end of Rasa's log.
    """
    model = model_path(root, Path(environment["DESKHAND_MODELS_DIR"]))
    if model.exists():
        return model
    say("training the dialogue model (some minutes the first time, then about one; only when its files change) ...")
    model.parent.mkdir(parents=True, exist_ok=True)
    name = model.name.removesuffix(".tar.gz")
    partial = model.parent / f"partial-{os.getpid()}"
    command = [
        str(rasa_python(root)), "-m", "rasa", "train", "--out", str(partial), "--fixed-model-name", name,
        "--config", "config.yml", "--domain", "domain.yml", "--data", "data", *_processes(root, partial), "--force",
    ]  # fmt: skip
    code, tail = _run(command, root, environment, say)
    trained = partial / model.name
    if code or not trained.exists():
        raise TrainingFailed(f"Rasa could not be trained:\n{tail}")
    trained.replace(model)
    shutil.rmtree(partial)
    _forget_old(model.parent)
    say(f"trained {model.name}")
    return model


def _processes(root: Path, folder: Path) -> list[str]:
    """What the processes' own words teach, as a file for this training alone."""
    taught = training_data(root)
    if not taught:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "processes.yml").write_text(taught, encoding="utf-8")
    return [str(folder / "processes.yml")]


def _run(
    command: Sequence[str], root: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> tuple[int, str]:
    """The exit code and the end of the log; how far the slow parts are is said as they go."""
    last: deque[str] = deque(maxlen=25)
    with subprocess.Popen(
        command, cwd=root, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            last.append(line.rstrip())
            if (told := _PROGRESS.search(line)) is not None:
                say(told[0])
    return running.returncode, "\n".join(last)


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob("dialogue-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[KEEP:]:
        old.unlink()
