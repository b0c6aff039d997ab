"""How good a model is, before and after: perplexity of a part, and answers side by side with what was wanted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from llm_server.data.records import Kind, Record
from llm_server.finetune.examples import IGNORED, Blocks, Padded, answers, labels_of, prompt_of, records

_NUMBER = re.compile(r"[A-Za-z]*\d[\d.,/-]*\d|\d")
_MOST = 64  # examples of each kind whose perplexity is taken: more of them change the second digit


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer, beside what was wanted.

    `missing`: facts that the wanted answer says and this one doesn't; `invented`: numbers that stand in neither the
    question nor the wanted answer.
    """

    prompt: str
    wanted: str
    said: str
    missing: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """Perplexities are None where the part has nothing of that kind."""

    perplexity_text: float | None = None
    perplexity_answers: float | None = None
    facts_right: float | None = None  # share of the samples that say every fact
    fallback: float | None = None  # share that a template would replace: a fact is missing, or a number is invented
    samples: tuple[Sample, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(model: Any, tokenizer: Any, data: Path, part: str, samples: int, length: int = 512) -> Examined:
    """The model on a part that it hasn't learnt."""
    model.eval()
    chosen, labels = _chosen(data, part, samples), labels_of(data)
    said = tuple(_sample(model, tokenizer, record, labels) for record in chosen)
    judged = [sample for sample, record in zip(said, chosen, strict=True) if record.facts]
    examined = Examined(
        _perplexity(model, Blocks(data, part, length), tokenizer.eos_token_id),
        _perplexity(model, answers(data, part, tokenizer, length), tokenizer.eos_token_id),
        _share(not sample.missing for sample in judged),
        _share(bool(sample.missing or sample.invented) for sample in judged),
        said,
    )
    model.train()
    return examined


def _chosen(data: Path, part: str, count: int) -> list[Record]:
    """Evenly spread over the part, so that each kind of text is among them."""
    there = list(records(data, part, (Kind.PAIR, Kind.LABEL)))
    if len(there) <= count:
        return there
    return [there[at * len(there) // count] for at in range(count)]


@torch.no_grad()
def _perplexity(model: Any, examples: Any, end: int) -> float | None:
    """e to the mean loss of a token."""
    if not len(examples):
        return None
    some = [examples[at] for at in range(min(len(examples), _MOST))]
    loss = tokens = 0.0
    loader: Any = DataLoader(some, batch_size=8, collate_fn=Padded(end))  # type: ignore[arg-type]  # a list will do
    for batch in loader:
        count = int((batch["labels"][:, 1:] != IGNORED).sum())
        loss += float(model(**{name: rows.to(model.device) for name, rows in batch.items()}).loss) * count
        tokens += count
    return math.exp(min(loss / max(1.0, tokens), 50.0))


@torch.no_grad()
def _sample(model: Any, tokenizer: Any, record: Record, labels: Sequence[str]) -> Sample:
    asked = prompt_of(tokenizer, record, labels)
    given = tokenizer(asked, add_special_tokens=False, return_tensors="pt").to(model.device)
    wanted = record.label if record.kind is Kind.LABEL else record.text
    most = len(tokenizer(wanted, add_special_tokens=False)["input_ids"]) * 3 // 2 + 16
    drawn = model.generate(
        **given, max_new_tokens=most, do_sample=False, pad_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    said = tokenizer.decode(drawn[0][given["input_ids"].shape[1] :], skip_special_tokens=True).strip()
    missing = tuple(fact for fact in record.facts if _bare(fact) in _bare(wanted) and _bare(fact) not in _bare(said))
    return Sample(record.prompt or record.text, wanted, said, missing, invented(said, f"{record.prompt} {wanted}"))


def invented(said: str, known: str) -> tuple[str, ...]:
    """Numbers that stand in `said` and nowhere in what is known."""
    return tuple(each for each in dict.fromkeys(_NUMBER.findall(said)) if each not in set(_NUMBER.findall(known)))


def _share(which: Iterable[bool]) -> float | None:
    counted = list(which)
    return sum(counted) / len(counted) if counted else None


def _bare(text: str) -> str:
    return "".join(text.casefold().split())
