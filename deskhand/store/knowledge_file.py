"""Reads one file of knowledge/: a head with title and language, then a passage under each heading. All faults at once.

    ---
    title: {zh: 送货, en: Delivery}
    language: en
    audience: staff            # customers are not told; left out: everybody is
    ---

    ## How long delivery takes {#lead-time}
    > when will my goods arrive / lead time
    Orders confirmed before 16:00 leave the next day.

The name in braces says which passages of two languages are the same; lines that begin with > are questions as people
ask them, by which the passage is found and which are never quoted. Knows nothing of when files are read, or of SQL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from deskhand.language import Passage
from deskhand.orders.tenant import LANGUAGES
from deskhand.store.file_faults import Fault, FileInvalid

VERSION = "1"  # another one has every company's passages indexed anew
STAFF = "staff"
LONGEST = 4000  # characters under one heading

_NAME = re.compile(r"(?P<topic>[a-z0-9][a-z0-9-]{0,40})(?:\.(?P<language>[a-z]{2}))?\.md")
_HEADING = re.compile(r"#{1,6}\s+(?P<said>.*?)\s*(?:\{#(?P<anchor>[\w-]{1,60})\})?\s*#*\s*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"\*\*|__|`|(?<=\])\([^)]*\)|^\s*[-*+]\s+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]")
_KEYS = ("title", "language", "audience")


@dataclass(frozen=True, slots=True)
class Document:
    """One file. `name` is its place below the folder; `digest` changes with what it says."""

    name: str
    topic: str
    language: str
    title: Mapping[str, str]
    staff_only: bool
    digest: str
    passages: tuple[Passage, ...]


class KnowledgeFileInvalid(FileInvalid):
    """A file of knowledge/ is wrong; every fault is named with its line."""


def read_document(name: str, content: bytes) -> Document:
    """The file with this name below the folder.

    Raises:
        KnowledgeFileInvalid: with all faults.
    """
    return _Reader(name).read(content)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []

    def read(self, content: bytes) -> Document:
        named = _NAME.fullmatch(self.name.rpartition("/")[2])
        if named is None:
            self._fault(1, "", "the name is a topic of a-z, 0-9 and -, then .zh.md or .en.md")
        head, rest, first = self._parts(content)
        title, language, staff_only = self._title(head), self._language(head, named), self._staff_only(head)
        passages = tuple(self._passages(rest, first, named["topic"] if named else "", language, title))
        if not passages and not self.faults:
            self._fault(first, "", "no heading with text under it")
        if self.faults or named is None:
            raise KnowledgeFileInvalid(*self.faults)
        digest = hashlib.sha256(f"{VERSION}\0{self.name}\0".encode() + content).hexdigest()
        return Document(self.name, named["topic"], language, title, staff_only, digest, passages)

    def _fault(self, line: int, setting: str, problem: str) -> None:
        self.faults.append(Fault(self.name, line, setting, problem))

    def _parts(self, content: bytes) -> tuple[dict[str, object], str, int]:
        """The head, what follows it, and in which line that begins."""
        try:
            text = content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self._fault(1, "", "is not UTF-8 text")
            return {}, "", 1
        head, mark, rest = text.removeprefix("---\n").partition("\n---\n")
        if not text.startswith("---\n") or not mark:
            self._fault(1, "", "begins with a head between two lines of ---")
            return {}, "", 1
        return self._head(head), rest, head.count("\n") + 4

    def _head(self, text: str) -> dict[str, object]:
        try:
            found = yaml.safe_load(text) or {}
        except yaml.MarkedYAMLError as error:
            self._fault(error.problem_mark.line + 2 if error.problem_mark else 1, "", str(error.problem))
            return {}
        if not isinstance(found, dict):
            self._fault(2, "", "the head is settings with values")
            return {}
        for key in found.keys() - {*_KEYS}:
            self._fault(2, str(key), f"is not known; known are {', '.join(_KEYS)}")
        return {str(key): value for key, value in found.items()}

    def _title(self, head: Mapping[str, object]) -> Mapping[str, str]:
        title = head.get("title")
        if isinstance(title, str) and title.strip():
            return dict.fromkeys(LANGUAGES, title.strip())
        if (
            not isinstance(title, dict)
            or {*title} != {*LANGUAGES}
            or not all(isinstance(t, str) for t in title.values())
        ):
            self._fault(2, "title", "give it in both languages: {zh: 送货, en: Delivery}")
            return dict.fromkeys(LANGUAGES, "")
        return {language: str(title[language]).strip() for language in LANGUAGES}

    def _language(self, head: Mapping[str, object], named: re.Match[str] | None) -> str:
        language = head.get("language")
        if language not in LANGUAGES:
            self._fault(2, "language", f"is one of {', '.join(LANGUAGES)}")
        elif named and named["language"] not in {None, language}:
            self._fault(2, "language", f"is {language}, but the file's name says {named['language']}")
        return str(language)

    def _staff_only(self, head: Mapping[str, object]) -> bool:
        if head.get("audience") not in {None, STAFF}:
            self._fault(2, "audience", f"is {STAFF}, or left out")
        return head.get("audience") == STAFF

    def _passages(
        self, text: str, first: int, topic: str, language: str, title: Mapping[str, str]
    ) -> Iterator[Passage]:
        seen: dict[str, int] = {}
        for line, heading, lines in _sections(_COMMENT.sub(_blanked, text), first):
            asked = [each.lstrip("> \t") for each in lines if each.startswith(">")]
            body = _plain("\n".join(each for each in lines if not each.startswith(">")))
            anchor = heading["anchor"] or re.sub(r"\W+", "-", heading["said"].lower()).strip("-")
            if anchor in seen:
                self._fault(line, heading["said"], f"is the same heading as in line {seen[anchor]}")
            if len(body) > LONGEST:
                self._fault(line, heading["said"], f"has {len(body)} characters under it; give it headings")
            if asked and not body:
                self._fault(line, heading["said"], "has questions and no answer")
            seen[anchor] = line
            if body:
                spoken = tuple(each.strip() for line_ in asked for each in re.split(r"\s/\s", line_) if each.strip())
                yield Passage(f"{topic}#{anchor}", language, title, heading["said"], body, spoken)


def _sections(text: str, first: int) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Line, heading and the lines under it; what stands before the first heading belongs to none."""
    found: tuple[int, re.Match[str], list[str]] | None = None
    for line, said in enumerate(text.split("\n"), first):
        if heading := _HEADING.fullmatch(said):
            if found:
                yield found
            found = (line, heading, [])
        elif found:
            found[2].append(said.rstrip())
    if found:
        yield found


def _blanked(comment: re.Match[str]) -> str:
    return "\n" * comment[0].count("\n")


def _plain(markdown: str) -> str:
    """Paragraphs and list items as lines; what makes bold, code and links is dropped."""
    text = _LINK.sub(r"\1", _MARKS.sub("", markdown))
    return re.sub(r"\n{2,}", "\n", text).strip()
