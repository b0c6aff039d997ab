"""An import in words, in both languages, for every door: why it can't be, what it would do, how far it is, what it did.

The words stand in words.yml and findings.yml. Knows no channel; what it returns are label and value, or a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.erp.findings import Finding, Reason, sentence
from deskhand.orders.tenant import LANGUAGES
from deskhand.yaml_files import yaml_in

UNSURE = 0.8  # a column that was recognised with less is named
SHOWN = 5  # reasons, columns
LINK = "/api/imports/{id}/rejected"

Json = Mapping[str, Any]
Fact = dict[str, str]


def word(section: str, key: str, language: str, **values: object) -> str:
    """One text; a key that the file lacks is said as it is written in code."""
    both = _words()[section].get(key)
    return key.replace("_", " ") if both is None else str(both[language]).format(**values)


def problem_said(problem: Json) -> dict[str, str]:
    """`{code, about}` as a sentence in each language."""
    code = str(problem["code"]) if problem["code"] in _words()["problems"] else "file_not_readable"
    return {language: word("problems", code, language, about=problem.get("about", "")) for language in LANGUAGES}


def reasons_said(reasons: Sequence[Json], language: str) -> list[str]:
    """The first rows that would be refused, and why."""
    return [_reason(reason, language) for reason in reasons[:SHOWN]]


def unsure_columns(preview: Json, language: str) -> list[str]:
    """Columns that are used and may be something else."""
    doubtful = [each for each in preview["columns"] if each["field"] and each["confidence"] < UNSURE]
    return [
        word("said", "as", language, header=each["header"], field=word("fields", each["field"], language),
             percent=round(100 * each["confidence"]))
        for each in doubtful
    ]  # fmt: skip


def preview_facts(preview: Json, names: Sequence[str], source: str, language: str) -> list[Fact]:
    """What a card shows before the yes."""
    used = [each["header"] for each in preview["columns"] if each["field"]]
    unused = [each["header"] for each in preview["columns"] if not each["field"] and each["header"]]
    told = [
        ("files", ", ".join(names)),
        ("kind", word("kinds", str(preview["kind"]), language)),
        ("source", source),
        ("good", word("said", "rows", language, count=preview["good"])),
        ("refused", word("said", "rows", language, count=preview["refused"]) if preview["refused"] else ""),
        ("duplicates", word("said", "rows", language, count=preview["duplicates"]) if preview["duplicates"] else ""),
        ("changes", _changes(preview["changes"], language)),
        ("columns", ", ".join(used)),
        ("unused", ", ".join(unused)),
        ("noticed", ("；" if language == "zh" else "; ").join(noticed_said(_noticed(preview), language))),
        ("cleaned", ("；" if language == "zh" else "; ").join(cleaned_said(_cleaned(preview), language))),
    ]
    return facts(told, language)


def progress_said(progress: Json, language: str) -> str:
    """写入 1,200 / 5,000（24%）."""
    done, total = int(progress["done"]), progress.get("total")
    if total:
        percent = min(100, 100 * done // int(total))
        said = word("said", "of", language, done=f"{done:,}", total=f"{int(total):,}", percent=percent)
    else:
        said = f"{done:,}"
    return word("phases", str(progress["phase"]), language, done=said)


def result_said(report: Json, language: str) -> str:
    """What an import did."""
    if report.get("repeated"):
        return word("changes", "repeated", language)
    return _changes(_counts(report), language) or word("changes", "unchanged", language, count=0)


def cleaned_said(cleaned: Mapping[str, int], language: str, shown: int = SHOWN) -> list[str]:
    """What was put right most often: `cleaned` is a report's, "field:change" -> how many values."""
    most = sorted(cleaned.items(), key=lambda one: (-one[1], one[0]))[:shown]
    parts = [(*key.partition(":")[::2], count) for key, count in most]
    return [
        word("said", "cleaned", language, field=word("fields", field, language), count=f"{count:,}",
             change=word("cleaned", change, language))
        for field, change, count in parts
    ]  # fmt: skip


def noticed_said(noticed: Mapping[str, int], language: str) -> list[str]:
    """What stands in files beside records; blank rows are nobody's business."""
    return [word("noticed", code, language, count=f"{count:,}") for code, count in noticed.items() if code != "blank"]


def facts(told: Sequence[tuple[str, str]], language: str) -> list[Fact]:
    """Labels and values as cards carry them; what has no value is left out."""
    return [{"key": key, "label": word("labels", key, language), "value": value} for key, value in told if value]


def refused_rows(report: Json) -> int:
    return int(report.get("refused", 0))


def _counts(report: Json) -> dict[str, int]:
    sources = {
        "new": "inserted",
        "changed": "changed",
        "customers": "customers",
        "products": "products",
        "unchanged": "unchanged",
        "cancelled": "cancelled_here",
        "returned": "returned",
        "candidates": "candidates_count",
        "disagreements": "disagreements_count",
    }
    counts = {name: int(report.get(key) or 0) for name, key in sources.items()}
    return counts | {"unchanged": counts["unchanged"] or int(report.get("already_known") or 0)}


def _cleaned(preview: Json) -> Mapping[str, int]:
    cleaned: Mapping[str, int] = (preview.get("report") or {}).get("cleaned") or {}
    return cleaned


def _noticed(preview: Json) -> Mapping[str, int]:
    noticed: Mapping[str, int] = (preview.get("report") or {}).get("noticed") or {}
    return noticed


def _changes(counts: Mapping[str, int], language: str) -> str:
    said = (word("changes", name, language, count=f"{count:,}") for name, count in counts.items() if count)
    return ("，" if language == "zh" else ", ").join(said)


def _reason(reason: Json, language: str) -> str:
    finding = Finding(**{**reason, "kind": Reason(reason["kind"])})
    where = "row" if finding.line else "column"
    return word("said", where, language, file=finding.file, line=finding.line, sentence=sentence(finding, language))


@cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    file = Path(__file__).with_name("words.yml")
    read: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml_in(file)
    return read
