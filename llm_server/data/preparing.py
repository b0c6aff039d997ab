"""From a plan to a folder of training data: read, clean, split, look for leaks, augment, pack, describe.

Everything goes through files, record by record, so that memory doesn't grow with the corpus. The folder appears whole
or not at all; the same input and plan give the same bytes.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llm_server.data.augmenting import Augmenter
from llm_server.data.card import Account, sha256, write_card
from llm_server.data.cleaning import Cleaner
from llm_server.data.errors import DataUnusable, NoRoom, OutputInUse
from llm_server.data.leaks import Leak, leaks
from llm_server.data.packing import Tokenizer, Tokens, pack
from llm_server.data.plan import PARTS, Plan
from llm_server.data.reading import TOLERATED, Told, read
from llm_server.data.records import Kind, Record, record_of
from llm_server.data.splitting import oversampled, part_of

Tell = Callable[[str, int], None]  # step, records so far
_DICTIONARY = 50_000  # most words that are listed
EXAMINED = PARTS[1:]


def prepare(plan: Plan, tell: Tell = lambda step, done: None) -> Account:
    """Makes the folder `plan.output`.

    Returns:
        What was counted; card.md and card.json in the folder say the same.

    Raises:
        PlanInvalid, DataUnusable, BrokenFile: before anything is written under the folder's name.
        OutputInUse: something else is there.
        NoRoom: the disk is full.
    """
    out = plan.output
    if out.exists() and not (out / "card.json").is_file() and any(out.iterdir()):
        raise OutputInUse(out)
    tokenizer = Tokenizer(plan.tokenizer) if plan.tokenizer else None  # a wrong one is told before an hour of reading
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        account = _Preparation(plan, partial, tokenizer, tell).run()
        shutil.rmtree(out, ignore_errors=True)
        partial.rename(out)
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom(out) from problem
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return account


@dataclass
class _Preparation:
    plan: Plan
    folder: Path
    tokenizer: Tokenizer | None
    tell: Tell

    def run(self) -> Account:
        self.account = Account()
        self._split()
        self._without_leaks()
        self._enrich()
        self._refuse_empty_parts()
        if self.tokenizer:
            self._pack(self.tokenizer)
        self._labels()
        for path in sorted(self.folder.iterdir()):
            self.account.digests[path.name] = sha256(path)
        write_card(self.folder, self.plan, self.account)
        return self.account

    # --- read, clean, split

    def _split(self) -> None:
        cleaner = Cleaner(self.plan.clean, self.plan.labels)
        files = {part: self._file(part).open("w", encoding="utf-8") for part in PARTS}
        try:
            for part, record in self._cleaned(cleaner):
                files[part].write(_line(record))
        finally:
            for file in files.values():
                file.close()
        self.account.changes, self.account.left_out = +cleaner.changes, cleaner.left_out
        if cleaner.unknown.total() > TOLERATED * cleaner.labelled:
            raise DataUnusable(_unheard(cleaner))

    def _cleaned(self, cleaner: Cleaner) -> Iterator[tuple[str, Record]]:
        done = 0
        for source in self.plan.sources:
            told = Told()
            kept = 0
            for record in read(source, told, self.plan.clean.most_characters):
                done += 1
                self.tell("reading", done)
                cleaned = cleaner.clean(record)
                if cleaned is not None:
                    kept += 1
                    yield source.part or part_of(cleaned.group, self.plan.shares, self.plan.seed), cleaned
            self.account.sources.append((str(source.kind), source.path.name, told, kept))

    # --- leaks

    def _without_leaks(self) -> None:
        size = sum(self._file(part).stat().st_size for part in EXAMINED)
        examined = ((part, record) for part in EXAMINED for record in self._records(part))
        training = self._told("comparing", self._records("train"))
        found = list(leaks(examined, training, self.plan.leak_shared, size))
        if found and self.plan.leak_action == "refuse":
            raise DataUnusable(_leaked(found))
        for part in EXAMINED:
            gone = {leak.key for leak in found if leak.part == part}
            self.account.leaked[part] = len(gone)
            if gone:
                self._rewrite(part, (record for record in self._records(part) if record.key not in gone))
        self.account.leaked = +self.account.leaked

    # --- augmentation and oversampling

    def _enrich(self) -> None:
        augmenter = Augmenter(self.plan.augment, self.plan.seed)
        enriched: Iterable[Record] = self._with_copies(augmenter)
        if self.plan.oversample:
            enriched = oversampled(enriched, self.plan.oversample, self.plan.seed)
        written = self._rewrite("train", self._told("augmenting", enriched))
        self.account.made = augmenter.made
        self.account.oversampled = written - self._originals - self._copies
        for part in PARTS:
            for record in self._records(part):
                self.account.parts[part][str(record.kind)] += 1
                if record.kind is Kind.LABEL:
                    self.account.labels[part][record.label] += 1

    def _with_copies(self, augmenter: Augmenter) -> Iterator[Record]:
        self._originals = self._copies = 0
        for record in self._records("train"):
            self._originals += 1
            yield record
            for copy in augmenter.copies(record):
                self._copies += 1
                yield copy

    def _refuse_empty_parts(self) -> None:
        for part, share in zip(PARTS, self.plan.shares, strict=True):
            if share and not self.account.parts[part]:
                nothing = [f"nothing in {name}" for _, name, _, kept in self.account.sources if not kept]
                why = "; ".join([*nothing, *(f"{n} {what}" for what, n in self.account.left_out.most_common(3))])
                raise DataUnusable(
                    f"The {part} part is empty{f' ({why})' if why else ''}. Give more texts, name a source "
                    f"`part: {part}`, or give it no share in `split`."
                )

    # --- tokens, labels

    def _pack(self, tokenizer: Tokenizer) -> None:
        told = self.account.tokens = Tokens()
        for part in PARTS:
            texts = (record for record in self._records(part) if record.kind is Kind.TEXT)
            rows = tokenizer.encoded(self._told("packing", texts), told)
            path = self.folder / f"{part}.blocks.npy"
            if blocks := pack(path, rows, self.plan.block, tokenizer.end):
                self.account.blocks[part] = blocks
            others = (record for record in self._records(part) if record.kind is not Kind.TEXT)
            for _ in tokenizer.encoded(others, told):
                pass
        with (self.folder / "dictionary.tsv").open("w", encoding="utf-8") as file:
            file.write("word\tcount\ttokens\n")
            for word, count in sorted(told.words.items(), key=lambda each: (-each[1], each[0]))[:_DICTIONARY]:
                file.write(f"{word}\t{count}\t{tokenizer.pieces(word)}\n")

    def _labels(self) -> None:
        found = {label for counts in self.account.labels.values() for label in counts}
        labels = self.plan.labels or tuple(sorted(found))
        if not labels:
            return
        unseen = sorted(set(labels) - set(self.account.labels["train"]))
        if unseen:
            raise DataUnusable(
                f"No sentence of the training part has the label {', '.join(unseen)}. Give some, or leave it out."
            )
        text = json.dumps(list(labels), ensure_ascii=False, indent=1)
        (self.folder / "labels.json").write_text(text + "\n", encoding="utf-8")

    # --- files

    def _file(self, part: str) -> Path:
        return self.folder / f"{part}.jsonl"

    def _records(self, part: str) -> Iterator[Record]:
        with self._file(part).open(encoding="utf-8") as file:
            for line in file:
                yield record_of(json.loads(line))

    def _rewrite(self, part: str, records: Iterable[Record]) -> int:
        count = 0
        new = self._file(part).with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            for record in records:
                file.write(_line(record))
                count += 1
        new.replace(self._file(part))
        return count

    def _told(self, step: str, records: Iterable[Record]) -> Iterator[Record]:
        for done, record in enumerate(records, 1):
            self.tell(step, done)
            yield record


def _line(record: Record) -> str:
    # A text may hold half a surrogate pair, which no file in UTF-8 can.
    said = json.dumps(record.as_json(), ensure_ascii=False)
    return said.encode("utf-8", "replace").decode() + "\n"


def _unheard(cleaner: Cleaner) -> str:
    some = ", ".join(f"{label} ({count})" for label, count in cleaner.unknown.most_common(5))
    return (
        f"{cleaner.unknown.total()} of {cleaner.labelled} sentences have a label that `labels` doesn't have: {some}. "
        "Name them there, or mend the files."
    )


def _leaked(found: list[Leak]) -> str:
    some = ", ".join(f"{leak.origin} ({leak.part}, {leak.shared:.0%})" for leak in found[:5])
    return f"{len(found)} texts of the parts for examining stand nearly whole in the training part: {some}."
