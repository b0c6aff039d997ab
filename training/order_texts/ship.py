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
from pathlib import Path
from typing import Any

from deskhand.writing.trial import figures
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
    """How it was trained: steps done and meant, first and last losses; of a checkpoint or of a stage that is done."""
    state = folder / "trainer_state.json"
    done = folder.parent / "done.json"
    said = json.loads((state if state.is_file() else done).read_text(encoding="utf-8"))
    log = said["log_history"] if state.is_file() else said["log"]
    losses = [row["loss"] for row in log if "loss" in row]
    last = max(int(row["step"]) for row in log if "loss" in row)
    some = min(20, len(losses))
    first, end = (round(math.fsum(part) / some, 3) for part in (losses[:some], losses[-some:]))
    return {"steps": last, "steps_meant": int(said.get("max_steps", last)), "loss_first": first, "loss_last": end}


def ship(source: Path, target: Path, base: Path, bare: Path, count: int, seed: int, run: str, note: str = "") -> Json:
    """Makes folder, evaluation and card appear together; what was shipped before stays until then.

    Args:
        bare: figures of the model without it, of `deskhand texts evaluate -o`.
        count, seed: of the cases, for each job and language.
        run: the text of the RUN.yml.
        note: what else the card is to say of the training.

    Raises:
        NotShipped: the adapter is not better than none.
    """
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    half(source, partial)
    without = json.loads(bare.read_text(encoding="utf-8"))["scores"]
    with_it = asyncio.run(measured(base, partial, count, seed))
    if not with_it[-1].right > without[-1]["right"]:
        raise NotShipped(f"{with_it[-1].right:.1%} is right, without the adapter {without[-1]['right']:.1%}")
    sums = {f"{target.name}/{name.partition('/')[2]}": value for name, value in checksums(partial).items()}
    said = {
        "seed": seed, "trained": {**trained(source), "note": note}, "figures": figures(with_it),
        "scores": [each.as_json() for each in with_it], "without": without, "files": sums,
    }  # fmt: skip
    (partial / "README.md").write_text(card(said, run), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    evaluation(target).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return said


def evaluation(target: Path) -> Path:
    """Beside the folder, so that the registry doesn't take it for a part of the model."""
    return target.with_name(f"{target.name}.json")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.order_texts.ship")
    parser.description = "Make the shipped adapter of a trained one, measure it, and write its card."
    parser.add_argument("adapter", type=Path, help="of a run that is done, or one of its checkpoints")
    parser.add_argument("--to", type=Path, default=ORDER_TEXTS, help="the folder (%(default)s)")
    parser.add_argument("--base", type=Path, default=BASE, help="the packaged model, converted (%(default)s)")
    parser.add_argument("--cases", type=int, default=12, help="of each job and language (%(default)s)")
    parser.add_argument("--without", type=Path, required=True, metavar="NONE.json", help="figures of the model alone")
    parser.add_argument("--seed", type=int, default=1, help="of the cases (%(default)s)")
    parser.add_argument("--note", default="", help="what else the card is to say of the training")
    given = parser.parse_args(arguments)
    run = (Path(__file__).parent / "RUN.yml").read_text(encoding="utf-8")
    try:
        said = ship(given.adapter, given.to, given.base, given.without, given.cases, given.seed, run, given.note)
    except (NotShipped, OSError) as error:
        sys.stderr.write(f"ship: {error}\n")
        return 1
    sys.stdout.write(f"{given.to}: {said['figures']['right_all_all']:.1%} right without the template\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
