"""`sharded_on_cpu.py RUN.yml [STEP]`: a run as torchrun starts it, sharded over processors; killed at STEP.

accelerate shards on GPUs only. It is told otherwise here; all else is what runs on GPUs: FSDP 2 over gloo.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType

from llm_server.finetune import read_run, running

_State: Any = AcceleratorState
_begun = _State.__init__


def _sharded(self: Any, *given: Any, fsdp_plugin: Any = None, **named: Any) -> None:
    _begun(self, *given, fsdp_plugin=fsdp_plugin, **named)
    if fsdp_plugin is not None:
        self.distributed_type, self.fsdp_plugin = DistributedType.FSDP, fsdp_plugin


def main(path: str, killed_at: str = "0") -> None:
    def tell(step: int, steps: int, logged: dict[str, float]) -> None:
        if step == int(killed_at):
            os.kill(os.getpid(), signal.SIGKILL)

    _State.__init__ = _sharded
    running.can_shard = lambda: True
    running.run_stages(read_run(Path(path)), tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
