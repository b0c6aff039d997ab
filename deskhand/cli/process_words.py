"""Training data out of the process folders: by their own words people start their cases and speak of them.

Reads `words` and `title` of each process.yml; knows nothing of Rasa but the form of its files, nothing of diagrams.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

PATTERNS = Path(__file__).with_suffix(".yml")
LANGUAGES = ("zh", "en")


def training_data(root: Path) -> str:
    """As a file of `data/nlu`; the same words give the same text. Empty where no process has words."""
    said: dict[str, list[str]] = {}
    words: list[str] = []
    prefixes: list[str] = []
    for about in _processes(root):
        for intent, utterance in _utterances(about):
            said.setdefault(intent, []).append(utterance)
        words += [str(each) for language in LANGUAGES for each in about["words"].get(language) or ()]
        words += [str(each) for each in (about.get("title") or {}).values()]
        prefixes.append(str(about.get("prefix") or "".join(part[:1] for part in about["name"].split("_")).upper()))
    blocks = [{"intent": intent, "examples": _listed(utterances)} for intent, utterances in said.items()]
    blocks += [
        {"lookup": name, "examples": _listed(each)}
        for name, each in (("process_words", words), ("case_prefixes", prefixes))
        if blocks
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False) if blocks else ""


def _processes(root: Path) -> Iterator[Mapping[str, Any]]:
    """What each folder says that has words; one that can't be read is refused where it is used, not here."""
    for path in sorted((root / "processes").glob("*/process.yml")):
        try:
            about = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError:
            continue
        if isinstance(about, Mapping) and isinstance(about.get("words"), Mapping):
            yield {**about, "name": path.parent.name}


def _utterances(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    patterns: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(PATTERNS.read_text(encoding="utf-8"))
    for intent, spoken in patterns.items():
        for language in LANGUAGES:
            title = str((about.get("title") or {}).get(language) or "").lower()
            for words in about["words"].get(language) or () if intent == "start_process" else [title]:
                filled = [each.format(words=words, title=title) for each in spoken[language] if words]
                yield from ((intent, utterance) for utterance in filled)


def _listed(utterances: list[str]) -> str:
    return "".join(f"- {utterance}\n" for utterance in dict.fromkeys(utterances))
