"""Whether a model fits into memory, asked before it is loaded. Reads the heads of its files, loads nothing."""

from contextlib import suppress
from pathlib import Path

import psutil

from llm_server.errors import ModelUnloadable
from llm_server.registry.errors import NotAModel
from llm_server.registry.model_files import numbers_in

_PROCESS = 300_000_000  # bytes that the engine's process takes without any model
_GROUP = Path("/sys/fs/cgroup")


def check_room(folder: Path, adapter: Path | None, bytes_a_number: int, free: int) -> None:
    """Raises ModelUnloadable where a model and its adapter, in this number format, don't fit into ``free`` bytes.

    Weights that are no safetensors are refused here too, before a library opens them.
    """
    try:
        numbers = numbers_in(folder) + (numbers_in(adapter) if adapter else 0)
    except NotAModel as problem:
        raise ModelUnloadable(str(problem)) from None
    needed = numbers * bytes_a_number + _PROCESS
    if needed > free:
        raise ModelUnloadable(
            f"The model in {folder} needs about {needed / 1e9:.2f} GB of memory and {free / 1e9:.2f} GB are free. "
            "Serve fewer models here, take a smaller one (llm_server.finetune: distil, prune), or a larger machine."
        )


def free_memory() -> int:
    """Bytes that can still be had: of the machine, or of the container if that has less."""
    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        limit = int((_GROUP / "memory.max").read_text())
        stat = dict(line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
        used = int((_GROUP / "memory.current").read_text()) - int(stat["inactive_file"])
        free = min(free, max(0, limit - used))
    return free
