"""What a stage learns from: blocks of tokens, or pairs whose answer alone counts. Reads the folder of llm_server.data.

An example is {"input_ids": [n], "labels": [n]}; labels of what isn't to be learnt are -100.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from llm_server.data.records import Kind, Record, record_of
from llm_server.finetune.errors import NothingToLearn

IGNORED = -100
Example = dict[str, list[int]]


class Blocks(Dataset[Example]):
    """Packed unlabelled text; read from disk as it is asked for."""

    def __init__(self, folder: Path, part: str, length: int) -> None:
        """`length`: longer blocks are cut to it. Empty where there is no file."""
        path = folder / f"{part}.blocks.npy"
        self._rows: Any = np.load(path, mmap_mode="r", allow_pickle=False) if path.is_file() else np.empty((0, 0))
        self._length = length

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def largest(self) -> int:
        """Number of a token; -1 where there is none."""
        return max((int(row.max()) for row in self._rows), default=-1)

    def __getitem__(self, at: int) -> Example:
        ids = self._rows[at][: self._length].astype(np.int64).tolist()
        return {"input_ids": ids, "labels": ids}


class Answers(Dataset[Example]):
    """Pairs (and labelled sentences) as chats; the answer is learnt and not the question."""

    def __init__(self, examples: Sequence[Example], too_long: int) -> None:
        self._examples = examples
        self.too_long = too_long  # left out

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, at: int) -> Example:
        return self._examples[at]


def records(folder: Path, part: str, kinds: Sequence[Kind]) -> Iterator[Record]:
    """Those of a part, in order."""
    with (folder / f"{part}.jsonl").open(encoding="utf-8") as file:
        for line in file:
            record = record_of(json.loads(line))
            if record.kind in kinds:
                yield record


def messages_of(record: Record, labels: Sequence[str] = ()) -> list[dict[str, str]]:
    """What is asked, as a chat template takes it."""
    if record.kind is Kind.LABEL:
        return [{"role": "user", "content": f"{record.text}\n\n[{' | '.join(labels)}]"}]
    system = [{"role": "system", "content": record.system}] if record.system else []
    return [*system, {"role": "user", "content": record.prompt}]


def labels_of(folder: Path) -> list[str]:
    path = folder / "labels.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def prompt_of(tokenizer: Any, record: Record, labels: Sequence[str]) -> str:
    """The text that the model is to continue."""
    if getattr(tokenizer, "chat_template", None):
        said: str = tokenizer.apply_chat_template(
            messages_of(record, labels), tokenize=False, add_generation_prompt=True
        )  # fmt: skip
        return said
    return "\n".join(message["content"] for message in messages_of(record, labels)) + "\n"


def answers(folder: Path, part: str, tokenizer: Any, length: int) -> Answers:
    """Examples of a part that are at most `length` tokens long."""
    labels = labels_of(folder)
    made: list[Example] = []
    too_long = 0
    for record in records(folder, part, (Kind.PAIR, Kind.LABEL)):
        asked = tokenizer(prompt_of(tokenizer, record, labels), add_special_tokens=False)["input_ids"]
        said = record.label if record.kind is Kind.LABEL else record.text
        answer = [*tokenizer(said, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        if len(asked) + len(answer) > length:
            too_long += 1
        else:
            made.append({"input_ids": asked + answer, "labels": [IGNORED] * len(asked) + answer})
    return Answers(made, too_long)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a stage trains on and what it is watched by."""

    train: Dataset[Example]
    dev: Dataset[Example]
    too_long: int = 0


def parts_for(folder: Path, unlabelled: bool, tokenizer: Any, length: int) -> Parts:
    """Raises NothingToLearn: the data has nothing of that kind, or all of it is too long."""
    if unlabelled:
        train, dev = Blocks(folder, "train", length), Blocks(folder, "dev", length)
        if not len(train):
            raise NothingToLearn(f"{folder} has no blocks of unlabelled text: give `tokens` and `text` sources there.")
        if train.largest >= len(tokenizer):
            raise NothingToLearn(
                f"{folder} was packed for another tokenizer: token {train.largest}, of {len(tokenizer)} here. "
                "Name the model's folder there (`tokens: {tokenizer: ...}`), and make the data again."
            )
        return Parts(train, dev)
    answered, watched = (answers(folder, part, tokenizer, length) for part in ("train", "dev"))
    if not len(answered):
        raise NothingToLearn(
            f"{folder} has no pairs or labels"
            + (
                f" of at most {length} tokens ({answered.too_long} are longer); raise `length`."
                if answered.too_long
                else "."
            )
        )
    return Parts(answered, watched, answered.too_long)


@dataclass(frozen=True, slots=True)
class Padded:
    """Makes a batch: int64 tensors of shape (batch, longest), padded to the right.

    `answers_only`: says from where on a token is learnt, counted from the end, so that the model works out no logits of
    the question (`logits_to_keep`). They are a fifth of a small model's work.
    """

    end: int
    answers_only: bool = False

    def __call__(self, examples: Sequence[Example]) -> dict[str, Any]:
        longest = max(len(example["input_ids"]) for example in examples)
        rows: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "attention_mask": []}
        for example in examples:
            short = longest - len(example["input_ids"])
            rows["input_ids"].append(example["input_ids"] + [self.end] * short)
            rows["labels"].append(example["labels"] + [IGNORED] * short)
            rows["attention_mask"].append([1] * len(example["input_ids"]) + [0] * short)
        batch: dict[str, Any] = {name: torch.tensor(values) for name, values in rows.items()}
        if self.answers_only:
            learnt = (batch["labels"][:, 1:] != IGNORED).any(0).nonzero()
            first = int(learnt[0]) if len(learnt) else longest - 1
            batch["logits_to_keep"] = longest - first
        return batch
