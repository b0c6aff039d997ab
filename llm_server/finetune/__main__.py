"""``python -m llm_server.finetune RUN.yml``: trains, shows how far it is, says where the model lies."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from llm_server.errors import LlmError
from llm_server.finetune.plan import read_run

log = logging.getLogger(__name__)

EXAMPLE = """\
An example of RUN.yml (data, base, output and stages are needed; everything else has a default):

  data: var/data/first                       # made by python -m llm_server.data
  base: var/models/smollm2-135m-instruct
  output: var/runs/first
  seed: 7
  samples: 8                                 # answers shown before and after
  stages:
    - {method: pretrain, steps: 200}         # goes on reading unlabelled text
    - {method: head, layers: 1, epochs: 1}   # the last layer only
    - {method: adapter, rank: 16, steps: 300, learning_rate: 2e-4, batch: 4, accumulation: 2, patience: 3}
    - {method: whole, epochs: 1, learning_rate: 1e-5}
    - {method: distil, student_layers: 10, weight: 1.0, temperature: 2.0, steps: 500}
    - {method: prune, layers: 4, steps: 100} # takes out 4 layers, then recovers

A stage begins with the model that the one before left. {method: adapter, adapter: 1} goes on with the adapter of
stage 1 (or of a folder) as it is. What can be said for each stage (and what holds if nothing is said):

  steps, or epochs (1); batch (4), accumulation (1); learning_rate (2e-4), schedule (cosine; linear, constant,
  constant_with_warmup, polynomial), warmup (0.03 of the steps), weight_decay (0), dropout (0), clipping (1);
  precision (auto; bfloat16, float32), length (512 tokens), evaluate_every (50 steps), patience (0: no early stop),
  data (a folder for this stage alone)
  adapter: rank (16), alpha (32), targets (all linear layers), adapter
  head: layers (1)      prune: layers (1)
  distil: teacher (the model before), student_layers, student_width, student_heads, weight (1), temperature (2)

Values can be searched for first, in short trials of one stage, judged on the dev part:

  search: {stage: 1, steps: 40, trials: 6, over: {learning_rate: [2e-4, 1e-3], rank: [8, 16]}}

Paths are seen from the folder of RUN.yml; `threads` says how many processor threads. Several processes or GPUs:
torchrun --nproc-per-node 2 -m llm_server.finetune RUN.yml; with `fsdp: true` each GPU holds a part of a model that one
can't hold (also {cpu_offload: true, activation_checkpointing: true}). Cut off, the same command goes on where it was.
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; exit code 1 with the reason if it can't be done."""
    parser = argparse.ArgumentParser(
        prog="python -m llm_server.finetune",
        description="Train a model on a company's own texts.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, metavar="RUN.yml", help="says what is trained on what, and where it goes")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="finetune: %(message)s")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        run = read_run(given.run)  # before torch is loaded, so that a slip is told at once
        from llm_server.finetune.bar import Bar
        from llm_server.finetune.running import run_stages

        with Bar() as bar:
            model = run_stages(run, bar)
    except (LlmError, OSError) as error:
        log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        log.error("stopped; the same command goes on from the last checkpoint")
        return 130
    log.info("the model lies in %s; %s says what came of it", model, run.output / "report.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
