"""What the server is told of one model. Knows nothing of files or libraries."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model, or one adapter on one, under the name by which clients ask for it.

    ``cache_tokens`` is the room of the key-value cache; no request may be longer. ``converts`` lets the server fill the
    folder with the packaged model.
    """

    name: str
    backend: str = "local"
    folder: Path | None = None
    adapter: Path | None = None
    converts: bool = False
    device: str = "auto"
    dtype: str = "auto"
    threads: int = 1
    at_once: int = 16
    cache_tokens: int = 16_384
    prefill_tokens: int = 512
    address: str = ""
    key: str | None = None
    remote_model: str = ""
    context_length: int | None = None
    text: str = ""
