"""Trains a model on a company's own texts, in one stage or several, from a folder that llm_server.data has made.

    python -m llm_server.finetune RUN.yml
    torchrun --nproc-per-node 2 -m llm_server.finetune RUN.yml      # several processes

It reads files and knows nothing of orders or of serving.
"""

from llm_server.finetune.errors import RunInvalid, TrainingError
from llm_server.finetune.plan import Run, Stage, read_run

__all__ = ["Run", "RunInvalid", "Stage", "TrainingError", "read_run"]
