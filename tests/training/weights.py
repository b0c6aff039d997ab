"""A file of weights of any size, without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def write_weights(path: Path, number: int, size: int) -> None:
    """So many bytes of one number, as one tensor."""
    save_file({f"weight.{number}": np.full(size, number, dtype=np.uint8)}, path)
