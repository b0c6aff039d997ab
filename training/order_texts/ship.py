"""``python -m training.order_texts.ship ADAPTER``: a trained adapter as it is shipped, measured, with its card.

What is measured are the very files that are shipped, served by the real model server and asked by the product's own
writer; a run that was cut off can be shipped from one of its checkpoints.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from deskhand.writing.trial import figures, scores
from llm_server.registry.errors import NotAModel
from llm_server.registry.model_files import checksums
from llm_server.shipped import ORDER_TEXTS
from training.order_texts.card import card
from training.order_texts.measuring import measured

BASE = Path("var/models/smollm2-135m-instruct")
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
MOST_BYTES = 10_000_000
Json = dict[str, Any]


class NotShipped(Exception):
    """Why it isn't."""


def half(source: Path, target: Path) -> None:
    """Writes an adapter as float16 into a new folder, without a path of this machine.

    Raises:
        NotShipped: there is none, a number doesn't fit, or the file is too large.
    """
    import torch
    from safetensors.torch import load_file, save_file

    if not (source / WEIGHTS).is_file():
        raise NotShipped(f"{source} has no {WEIGHTS}")
    weights = {name: weight.to(torch.float16) for name, weight in load_file(source / WEIGHTS).items()}
    wrong = [name for name, weight in weights.items() if not torch.isfinite(weight).all()]
    if wrong:
        raise NotShipped(f"{wrong[0]} has numbers that float16 can't hold")
    target.mkdir(parents=True)
    save_file(weights, target / WEIGHTS, metadata={"format": "pt"})
    (target / WEIGHTS).chmod(0o644)
    if (size := (target / WEIGHTS).stat().st_size) >= MOST_BYTES:
        raise NotShipped(f"{size:,} bytes are too many: {MOST_BYTES:,} are allowed")
    config = json.loads((source / CONFIG).read_text(encoding="utf-8"))
    config |= {"base_model_name_or_path": BASE.name, "inference_mode": True}
    (target / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def trained(folder: Path) -> Json:
    """How it was trained: steps done and meant, first and last losses; of a checkpoint or of a stage that is done.

    `before` has the same of the stages before it.
    """
    state = folder / "trainer_state.json"
    stage = folder.parent.parent if state.is_file() else folder.parent
    said = json.loads((state if state.is_file() else stage / "done.json").read_text(encoding="utf-8"))
    log = said["log_history"] if state.is_file() else said["log"]
    losses = [row["loss"] for row in log if "loss" in row]
    last = max(int(row["step"]) for row in log if "loss" in row)
    some = min(20, len(losses))
    first, end = (round(math.fsum(part) / some, 3) for part in (losses[:some], losses[-some:]))
    return {
        "steps": last, "steps_meant": int(said.get("max_steps", last)), "loss_first": first, "loss_last": end,
        "before": [trained(each) for each in _before(stage)],
    }  # fmt: skip


def _before(stage: Path) -> list[Path]:
    """The adapters of the stage before this one, if there is such a stage."""
    number = stage.name.partition("-")[0]
    return [*stage.parent.glob(f"{int(number) - 1}-adapter/adapter")] if number.isdecimal() else []


def ship(
    source: Path, target: Path, base: Path, without: list[Json], count: int, seed: int, run: str, note: str = ""
) -> Json:
    """Makes folder, evaluation and card appear together; what was there before stays until then.

    Args:
        without: scores of the model alone, of `deskhand texts evaluate -o`.
        count, seed: of the cases, for each job and language.
        run: the text of the RUN.yml.
        note: what else the card is to say of the training.

    Raises:
        NotShipped: the adapter is not better than none, or than what is there.
    """
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    half(source, partial)
    outcomes = asyncio.run(measured(base, partial, count, seed))
    with_it = scores(outcomes)
    sums = {f"{target.name}/{name.partition('/')[2]}": value for name, value in checksums(partial).items()}
    said = {
        "seed": seed, "run": run, "trained": {**trained(source), "note": note}, "figures": figures(with_it),
        "scores": [each.as_json() for each in with_it], "without": without, "files": sums,
    }  # fmt: skip
    rows = "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in outcomes)
    source.with_name("outcomes.jsonl").write_text(rows, encoding="utf-8")
    if not said["scores"][-1]["right"] > without[-1]["right"]:
        raise NotShipped(f"{with_it[-1].right:.1%} is right, without the adapter {without[-1]['right']:.1%}")
    _check_better(said, target)
    (partial / "README.md").write_text(card(said), encoding="utf-8")
    _replace(target, partial, said)
    return said


def take(source: Path, target: Path) -> Json:
    """Ships what was measured before, from the folder that `ship` made elsewhere.

    Raises:
        NotShipped: its files are not those that were measured, or it is no better than what is there.
    """
    said: Json = json.loads(evaluation(source).read_text(encoding="utf-8"))
    found = {f"{target.name}/{name.partition('/')[2]}": value for name, value in checksums(source).items()}
    if said["files"] != {name: value for name, value in found.items() if not name.endswith(".md")}:
        raise NotShipped(f"the files of {source} are not those that were measured")
    _check_better(said, target)
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(source, partial)
    _replace(target, partial, said)
    return said


def _check_better(said: Json, target: Path) -> None:
    """Raises NotShipped unless more of the same cases are right than with what is there."""
    if not evaluation(target).is_file():
        return
    before = json.loads(evaluation(target).read_text(encoding="utf-8"))
    old, new = before["scores"][-1], said["scores"][-1]
    if (before["seed"], old["cases"]) != (said["seed"], new["cases"]):
        raise NotShipped(
            f"what is shipped was measured by {old['cases']} cases of seed {before['seed']}: take the same"
        )
    if not new["right"] > old["right"]:
        raise NotShipped(f"{new['right']:.1%} is right, with what is shipped {old['right']:.1%}")


def _replace(target: Path, partial: Path, said: Json) -> None:
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    evaluation(target).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def evaluation(target: Path) -> Path:
    """Beside the folder, so that the registry doesn't take it for a part of the model."""
    return target.with_name(f"{target.name}.json")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.order_texts.ship")
    parser.description = "Make the shipped adapter of a trained one, measure it, and write its card."
    parser.add_argument("adapter", type=Path, help="of a run that is done, or one of its checkpoints")
    parser.add_argument("--take", action="store_true", help="it was measured (--to elsewhere): ship it as it is")
    parser.add_argument("--to", type=Path, default=ORDER_TEXTS, help="the folder (%(default)s)")
    parser.add_argument("--base", type=Path, default=BASE, help="the packaged model, converted (%(default)s)")
    parser.add_argument("--cases", type=int, default=12, help="of each job and language (%(default)s)")
    parser.add_argument("--without", type=Path, default=evaluation(ORDER_TEXTS), metavar="NONE.json",
                        help="figures of the model alone (those of what is shipped)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the cases (%(default)s)")
    parser.add_argument("--note", default="", help="what else the card is to say of the training")
    given = parser.parse_args(arguments)
    try:
        said = take(given.adapter, given.to) if given.take else _measured(given)
    except (NotShipped, NotAModel, OSError) as error:
        sys.stderr.write(f"ship: {error}\n")
        return 1
    sys.stdout.write(f"{given.to}: {said['figures']['right_all_all']:.1%} right without the template\n")
    return 0


def _measured(given: argparse.Namespace) -> Json:
    run = (Path(__file__).parent / "RUN.yml").read_text(encoding="utf-8")
    bare = json.loads(given.without.read_text(encoding="utf-8"))
    without = bare.get("without", bare["scores"])
    given.to.parent.mkdir(parents=True, exist_ok=True)
    return ship(given.adapter, given.to, given.base, without, given.cases, given.seed, run, given.note)


if __name__ == "__main__":
    sys.exit(main())
