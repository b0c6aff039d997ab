"""The report of a run: what was trained, the curve of the loss, and what came of it, side by side. Reads nothing."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, EDGE = 640, 260, 44
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:"
    "collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    ".missing{color:#a00}svg{max-width:100%}pre{background:#f4f4f4;padding:.8rem;overflow:auto}"
)
Point = tuple[float, float]


def curve(log: Iterable[Mapping[str, float]]) -> str:
    """The loss by step as an SVG picture: line of the training part, dashed of the dev part."""
    rows = list(log)
    lines = {name: [(row["step"], row[name]) for row in rows if name in row] for name in ("loss", "eval_loss")}
    points = [point for line in lines.values() for point in line]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="loss by step">'
    )
    if not points:
        return head + "</svg>"
    steps, losses = max(step for step, _ in points), [loss for _, loss in points]
    low, high = min(0.0, *losses), max(losses) or 1.0

    def place(point: Point) -> str:
        x = EDGE + (WIDTH - 2 * EDGE) * point[0] / max(steps, 1)
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (point[1] - low) / ((high - low) or 1.0)
        return f"{x:.1f},{y:.1f}"

    drawn = [
        f'<polyline fill="none" stroke="{colour}" stroke-width="1.6"{dash} points="{" ".join(map(place, line))}"/>'
        for (name, line), colour, dash in zip(
            lines.items(), ("#1558b0", "#b04a15"), ("", ' stroke-dasharray="6 4"'), strict=True
        )
        if line
    ]
    frame = (
        f'<path d="M{EDGE} {EDGE}V{HEIGHT - EDGE}H{WIDTH - EDGE}" fill="none" stroke="#666"/>'
        f'<text x="{EDGE}" y="{EDGE - 10}" font-size="13">loss by step (line: training, dashed: dev)</text>'
        f'<text x="{EDGE - 6}" y="{EDGE + 5}" font-size="12" text-anchor="end">{high:.3g}</text>'
        f'<text x="{EDGE - 6}" y="{HEIGHT - EDGE}" font-size="12" text-anchor="end">{low:.3g}</text>'
        f'<text x="{WIDTH - EDGE}" y="{HEIGHT - EDGE + 20}" font-size="13" text-anchor="end">step {steps:.0f}</text>'
    )
    return f"{head}{frame}{''.join(drawn)}</svg>"


_TOLD = {  # figure -> in words
    "perplexity_text": "perplexity of text", "perplexity_answers": "perplexity of answers",
    "facts_right": "every fact said", "fallback": "left to a template",
}  # fmt: skip


def told(stage: Mapping[str, Any]) -> str:
    """What came of a stage, in a line."""
    steps = max((int(row["step"]) for row in stage["log"] if "step" in row), default=0)
    changes = [
        f"{words} {_figure(stage['before'][name])} -> {_figure(stage['after'][name])}"
        for name, words in _TOLD.items()
        if stage["after"].get(name) is not None and stage["before"].get(name) is not None
    ]
    return (
        f"{stage['name']}, {steps:,} steps in {stage['seconds']:,.0f} s: {', '.join(changes) or 'nothing to examine'}"
    )


def _figure(value: float) -> str:
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def page(title: str, stages: Sequence[Mapping[str, Any]], plan: str) -> str:
    """The HTML report.

    Args:
        stages: for each name, log, seconds, parameters, trained, before, after (as `Examined.as_json` says them).
    """
    parts = [f"<h1>{html.escape(title)}</h1>", _table(stages)]
    for stage in stages:
        parts += [f"<h2>{html.escape(str(stage['name']))}</h2>", curve(stage["log"])]
        if stage.get("trials"):
            parts += ["<h3>Search, best first</h3>", _trials(stage["trials"])]
    if stages:
        parts += ["<h2>Side by side</h2>", _samples(stages[0]["before"], stages[-1]["after"])]
    parts += ["<h2>Run</h2>", f"<pre>{html.escape(plan)}</pre>"]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )


def _table(stages: Sequence[Mapping[str, Any]]) -> str:
    names = (
        "stage", "trained", "seconds", "perplexity of text", "perplexity of answers", "facts right",
        "template would replace",
    )  # fmt: skip
    rows = [
        (
            stage["name"], f"{stage['trained']:,} of {stage['parameters']:,}", f"{stage['seconds']:,.0f}",
            *(f"{_said(stage['before'].get(each))} -> {_said(stage['after'].get(each))}"
              for each in ("perplexity_text", "perplexity_answers", "facts_right", "fallback")),
        )
        for stage in stages
    ]  # fmt: skip
    return _rows(names, rows)


def _trials(trials: Sequence[Mapping[str, Any]]) -> str:
    names = list(trials[0]["values"])
    rows = [(*(each["values"][name] for name in names), _said(each["loss"]), each["seconds"]) for each in trials]
    return _rows((*names, "loss on the dev part", "seconds"), rows)


def _samples(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    rows = []
    for first, last in zip(before["samples"], after["samples"], strict=True):
        missing = f" (missing: {', '.join(last['missing'])})" if last["missing"] else ""
        rows.append((first["prompt"], first["wanted"], first["said"], last["said"] + missing))
    return _rows(("asked", "wanted", "before", "after"), rows)


def _rows(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _said(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
