"""Sets of utterances through Rasa's own parser. A set is YAML: `utterances: [{intent, or: [...], language, text}]`.

Trains on nothing; knows nothing of how figures are shown.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deskhand.cli import recognition
from deskhand.cli.recognition import Found, Pair, Utterance
from deskhand.cli.services import rasa_python
from deskhand.cli.utterances import language_of


class ParsingFailed(Exception):
    """Rasa's Python could not do it; the message carries the end of what it said."""


def read_set(path: Path) -> list[Utterance]:
    """The utterances of a file; where none is named, the language is read from the text."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))["utterances"]
    return [
        Utterance(
            each["text"],
            frozenset({each["intent"], *each.get("or", [])}),
            each["intent"],
            each.get("language") or language_of(each["text"]),
        )
        for each in said
    ]


def parse(root: Path, environment: Mapping[str, str], model: Path, texts: Sequence[str]) -> list[Found]:
    """What Rasa makes of each text, in one process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        said, found = Path(folder) / "said.json", Path(folder) / "found.json"
        said.write_text(json.dumps(list(texts)), encoding="utf-8")
        _run(root, environment, "rasa_components.parse", str(model), str(said), str(found))
        rows = json.loads(found.read_text(encoding="utf-8"))
    return [
        Found(
            row["intent"], row["confidence"], tuple((name, sure) for name, sure in row["ranking"]), row["milliseconds"]
        )
        for row in rows
    ]


def about(pairs: Sequence[Pair], errors: bool = False) -> dict[str, Any]:
    """Everything that is said of one set."""
    languages = sorted({utterance.language for utterance, _ in pairs})
    wrong = [
        {"text": u.text, "wanted": u.intent, "found": f.intent, "likeliest": f.likeliest[0], "sure": f.likeliest[1]}
        for u, f in pairs
        if not recognition.is_right(u, f.intent)
    ]
    return {
        "figures": recognition.by_language(pairs),
        "confusion": recognition.confusion(pairs),
        "calibration": {
            **{name: recognition.bands([pair for pair in pairs if pair[0].language == name]) for name in languages},
            "all": recognition.bands(pairs),
        },
        **({"errors": wrong} if errors else {}),
    }


def draw(root: Path, environment: Mapping[str, str], sets: Mapping[str, Any], picture: Path) -> None:
    """Confusion and calibration of each set as one PNG; by Rasa's Python, which has matplotlib."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "sets.json"
        told.write_text(json.dumps(sets), encoding="utf-8")
        _run(root, environment, "rasa_components.recognition_chart", str(told), str(picture))


def _run(root: Path, environment: Mapping[str, str], module: str, *arguments: str) -> None:
    command = [str(rasa_python(root)), "-W", "ignore", "-m", module, *arguments]
    ran = subprocess.run(command, cwd=root, env=dict(environment), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ParsingFailed(f"{module} failed:\n{ran.stderr[-2000:]}")
