"""How far a stage is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import logging
import time
from typing import Self

from tqdm import tqdm

log = logging.getLogger(__name__)
_EVERY = 30.0  # seconds between lines


class Bar:
    """Called with step, steps and what was logged."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None
        self._said = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, step: int, steps: int, logged: dict[str, float]) -> None:
        if self._bar is None or step < self._bar.n:
            self.__exit__()
            self._bar = tqdm(total=steps, unit=" steps", disable=None)
        self._bar.update(step - self._bar.n)
        if "loss" in logged:
            self._bar.set_postfix(loss=f"{logged['loss']:.3f}", refresh=False)
        now = time.monotonic()
        if self._bar.disable and now - self._said >= _EVERY:
            self._said = now
            log.info("step %d of %d %s", step, steps, {name: round(value, 4) for name, value in logged.items()})
