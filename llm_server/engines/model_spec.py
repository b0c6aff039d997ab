"""What the server is told of one model. Knows nothing of files or libraries."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model, or one adapter on one, under the name by which clients ask for it.

    ``cache_tokens`` is the room of the key-value cache; no request may be longer. ``converts`` lets the server fill the
    folder with the packaged model. ``registry`` names a model whose promoted version is served: an adapter if there is
    a ``folder`` to lay it over. Of all models with ``loaded_at_once`` so many are loaded at the same time, each when it
    is called for; with 0 a model is loaded from the start.
    """

    name: str
    backend: str = "local"
    folder: Path | None = None
    adapter: Path | None = None
    registry: str | None = None
    converts: bool = False
    device: str = "auto"
    dtype: str = "auto"
    threads: int = 1
    at_once: int = 16
    cache_tokens: int = 16_384
    prefill_tokens: int = 512
    loaded_at_once: int = 0
    address: str = ""
    key: str | None = None
    remote_model: str = ""
    context_length: int | None = None
    text: str = ""
