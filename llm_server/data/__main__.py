"""``python -m llm_server.data DATA.yml``: makes training data, shows how far it is, says what came of it."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path

from tqdm import tqdm

from llm_server.data.card import Account
from llm_server.data.plan import PARTS, Plan, read_plan
from llm_server.data.preparing import prepare
from llm_server.errors import LlmError

log = logging.getLogger(__name__)

EXAMPLE = """\
An example of DATA.yml (only `sources` and `output` are needed; paths are seen from its folder):

  sources:
    - {kind: text, path: mail/}            # a folder of .txt .md .html .eml .mbox .jsonl
    - {kind: pair, path: orders.jsonl}     # lines with prompt and text (and facts, language, job, group)
    - {kind: label, path: inquiries.csv}   # columns text and label
  clean: {mask: true, languages: [zh, en]} # write [email], [phone] in place of them
  augment: {copies: 2}                     # of the training part; facts are never touched
  oversample: label                        # or language, job; at most ten times as often as it is
  split: [8, 1, 1]                         # training, dev, test
  leaks: {shared: 0.8, action: drop}       # or refuse
  tokens: {tokenizer: ../var/models/smollm2-135m-instruct, block: 512}
  output: var/data/first

What else can be said, and what holds if nothing is said:

  sources: encoding (found out), language (found out), part (train, dev or test for all of it; else by hash)
  labels: [order, complaint]               # those that there are; sentences with others are left out, and refused when
                                           # they are more than a fifth (all that are found)
  clean: least_characters (2), most_characters (200,000), mask (no), languages (all)
  augment: copies (0), synonyms (0.15), insert (0.05), delete (0.05): shares of the words; synonyms_file
  leaks: shared (0.8 of a text's words), action (drop); seed: 1; tokens: tokenizer, block (512)

The folder holds train, dev and test .jsonl, blocks of tokens, dictionary.tsv, labels.json and card.md. Read card.md
before you train: what was left out, and why. The same files and plan give the same folder.
"""


class _Bar:
    """A bar for each step; none where nobody looks."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._step = ""

    def __call__(self, step: str, done: int) -> None:
        if self._bar is None or step != self._step:
            self.close()
            self._step = step
            self._bar = tqdm(desc=step, unit=" texts", mininterval=0.5, disable=None)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def main(arguments: list[str] | None = None) -> int:
    """The command; exit code 1 with the reason if it can't be done."""
    parser = argparse.ArgumentParser(
        prog="python -m llm_server.data",
        description="Make training data of a company's own texts: clean, augment, split, look for leaks, pack.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("plan", type=Path, metavar="DATA.yml", help="says what is read, what is done and where it goes")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="data: %(message)s")
    bar = _Bar()
    began = time.monotonic()
    try:
        plan = read_plan(given.plan)
        account = prepare(plan, bar)
    except (LlmError, OSError) as error:
        bar.close()
        log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        bar.close()
        log.error("stopped; nothing was kept")
        return 130
    bar.close()
    _say(plan, account, time.monotonic() - began)
    return 0


def _say(plan: Plan, account: Account, seconds: float) -> None:
    counts = ", ".join(f"{part} {sum(account.parts[part].values())}" for part in PARTS)
    read = sum(records for *_, records in account.sources)
    log.info("%s in %s (%s texts a second)", counts, plan.output, f"{read / max(seconds, 0.001):,.0f}")
    for what, count in account.left_out.most_common(8):
        log.info("left out: %d %s", count, what)
    for part, count in account.leaked.items():
        log.info("left out of %s: %d that stand nearly whole in the training part", part, count)
    log.info("%s says what it is made of", plan.output / "card.md")


if __name__ == "__main__":
    sys.exit(main())
