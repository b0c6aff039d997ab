"""A message as one row of numbers: the vectors of all encoders side by side; kept between trainings where slow.

Knows nothing of Rasa, of intents and of how an encoder works.
"""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Text

import numpy as np

from rasa_components.intents import encoders
from rasa_components.intents.text import simplified

FILE = "sentence-vectors.npz"


class Vectors:
    """The loaded encoders, and what they made lately."""

    def __init__(self, loaded: Sequence[Any]) -> None:
        self._encoders = list(loaded)
        self.of = lru_cache(maxsize=512)(self._of)

    @property
    def names(self) -> List[Text]:
        """What a model that was trained on these rows needs again."""
        return [encoder.name for encoder in self._encoders]

    @property
    def widths(self) -> List[int]:
        return [encoder.width for encoder in self._encoders]

    def _of(self, text: Text) -> np.ndarray:
        said = [simplified(text)]
        return np.concatenate([encoder.rows(said)[0] for encoder in self._encoders])

    def of_all(self, texts: Sequence[Text], kept_in: Optional[Path]) -> np.ndarray:
        """A row for each text, for training; `kept_in` is a folder."""
        said = [simplified(text) for text in texts]
        return np.hstack([_column(encoder, said, kept_in) for encoder in self._encoders])


def load() -> Optional[Vectors]:
    """None, after warnings that say why, where this machine can run no encoder."""
    loaded = encoders.load()
    return Vectors(loaded) if loaded else None


def _column(encoder: Any, texts: Sequence[Text], folder: Optional[Path]) -> np.ndarray:
    """One encoder's vectors; those in the file are not made again, those of former utterances leave it."""
    path = folder / FILE if folder is not None and encoder.kept else None
    known = _read(path)
    keys = [_key(encoder.name, text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    known.update(zip(new, encoder.many(list(new.values())), strict=True))
    if new and path is not None:
        _write(path, {key: known[key] for key in keys})
    return np.array([known[key] for key in keys], dtype=np.float32)


def _key(encoder: Text, text: Text) -> Text:
    said = text[: encoders.LONGEST]
    return hashlib.sha256("{} {}".format(encoder, said).encode("utf-8", "replace")).hexdigest()[:24]


def _read(path: Optional[Path]) -> Dict[Text, np.ndarray]:
    if path is None or not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as kept:
            return dict(zip(kept["keys"].tolist(), kept["rows"].astype(np.float32), strict=True))
    except (OSError, ValueError, KeyError):
        return {}


def _write(path: Path, rows: Dict[Text, np.ndarray]) -> None:
    partial = path.with_name("{}.{}.npz".format(path.stem, os.getpid()))
    np.savez(partial, keys=np.array(list(rows)), rows=np.array(list(rows.values()), dtype=np.float16))
    partial.replace(path)
