"""The card of the shipped adapter: all that its evaluation says, in the words of card.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any


def card(said: Mapping[str, Any]) -> str:
    """Markdown, of what `ship` writes: seed, run (the RUN.yml as it was), trained, scores, without and files."""
    whole, bare = said["scores"][-1], said["without"][-1]
    return Template(Path(__file__).with_name("card.md").read_text(encoding="utf-8")).substitute(
        run=said["run"].strip(),
        trained=_trained(said["trained"]),
        seed=said["seed"],
        cases=whole["cases"],
        table="\n".join(map(_row, said["scores"])),
        bare=bare["first"] + bare["second"],
        bare_cases=bare["cases"],
        files="\n".join(f"- `{name}`: SHA-256 `{value}`" for name, value in sorted(said["files"].items())),
    )


def _trained(trained: Mapping[str, Any]) -> str:
    stages = "".join(_trained(each) + " Then: " for each in trained.get("before", ()))
    steps, meant = trained["steps"], trained["steps_meant"]
    whole = "" if steps == meant else f" of the {meant:,} that were meant: it was cut off, and could still learn"
    losses = f"{trained['loss_first']:.2f} in the first twenty, {trained['loss_last']:.2f} in the last"
    return f"{stages}{steps:,} steps{whole}; loss {losses}. {trained.get('note', '')}".strip()


def _row(each: Mapping[str, Any]) -> str:
    share = f"{each['right']:.1%} ({each['low']:.0%} - {each['high']:.0%})"
    counts = (each["cases"], each["first"], each["second"], each["template"] + each["no_answer"])
    return f"| {each['job']} | {each['language']} | {' | '.join(map(str, counts))} | {share} |"
