"""Unlabelled text as blocks of token ids of equal length, as continued pre-training reads them; and how texts split.

The documents of a part follow one another, each ended by the end-of-text token; what doesn't fill the last block is
filled with it. Blocks go to disk as they come: `train.blocks.npy`, uint32, shape (blocks, length).
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from llm_server.data.errors import DataUnusable
from llm_server.data.records import Record

_WORD = re.compile(r"[㐀-鿿]|[^\W\d_]+|\d+")
_BATCH = 256


@dataclass
class Tokens:
    """What a tokenizer makes of a corpus. `words`: how often each word stands there."""

    documents: int = 0
    tokens: int = 0
    characters: int = 0
    unknown: int = 0
    longest: int = 0
    by_language: dict[str, list[int]] = field(default_factory=dict)  # language -> [tokens, characters]
    words: Counter[str] = field(default_factory=Counter)

    def per_character(self, language: str) -> float:
        tokens, characters = self.by_language[language]
        return tokens / max(1, characters)


class Tokenizer:
    """A model's tokenizer from its folder; no weights are read."""

    def __init__(self, folder: Path) -> None:
        """Raises DataUnusable where there is none."""
        from transformers import AutoTokenizer

        if not (folder / "tokenizer_config.json").is_file() and not (folder / "tokenizer.json").is_file():
            raise DataUnusable(f"There is no tokenizer in {folder}: neither tokenizer.json nor tokenizer_config.json.")
        try:
            made: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as problem:
            raise DataUnusable(f"There is no tokenizer in {folder}: {problem}") from problem
        if made.eos_token_id is None:
            raise DataUnusable(f"The tokenizer in {folder} names no end-of-text token.")
        self._made = made
        self.end: int = made.eos_token_id
        self._unknown: int | None = made.unk_token_id

    def encoded(self, records: Iterable[Record], told: Tokens) -> Iterator[list[int]]:
        """The token ids of each record; counted into `told`."""
        rest = iter(records)
        while some := list(islice(rest, _BATCH)):
            texts = [record.text if not record.prompt else f"{record.prompt}\n{record.text}" for record in some]
            rows = self._made(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)["input_ids"]
            for record, text, ids in zip(some, texts, rows, strict=True):
                self._count(told, record, text, ids)
                yield ids

    def pieces(self, word: str) -> int:
        """Tokens that a word is split into."""
        return len(self._made(word, add_special_tokens=False)["input_ids"])

    def _count(self, told: Tokens, record: Record, text: str, ids: list[int]) -> None:
        told.documents += 1
        told.tokens += len(ids)
        told.characters += len(text)
        told.longest = max(told.longest, len(ids))
        if self._unknown is not None and self._unknown != self.end:
            told.unknown += ids.count(self._unknown)
        sums = told.by_language.setdefault(record.language, [0, 0])
        sums[0] += len(ids)
        sums[1] += len(text)
        told.words.update(_WORD.findall(text))
        if len(told.words) > 2_000_000:  # the rare ones of a very large corpus
            told.words = Counter(dict(heapq.nlargest(1_000_000, told.words.items(), key=lambda each: each[1])))


def pack(path: Path, rows: Iterable[list[int]], length: int, end: int) -> int:
    """Writes blocks; the number of them. No file where there is nothing to write."""
    blocks = 0
    held: list[int] = []
    raw = path.with_suffix(".raw")
    with raw.open("wb") as file:
        for ids in rows:
            held += [*ids, end]
            while len(held) >= length:
                file.write(np.asarray(held[:length], np.uint32).tobytes())
                blocks += 1
                del held[:length]
        if held:
            file.write(np.asarray(held + [end] * (length - len(held)), np.uint32).tobytes())
            blocks += 1
    if blocks:
        _with_header(raw, path, (blocks, length))
    raw.unlink()
    return blocks


def _with_header(raw: Path, path: Path, shape: tuple[int, int]) -> None:
    """How many blocks there are is known at the end only, and stands at the beginning."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, {"descr": "<u4", "fortran_order": False, "shape": shape})
        with raw.open("rb") as blocks:
            while part := blocks.read(1 << 22):
                file.write(part)
