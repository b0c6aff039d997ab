"""Batches of cells -> batches of values, column by column. Knows no file and no storage."""

from __future__ import annotations

from collections import Counter

from deskhand.erp.cleaning.model import Changes, CleanBatch
from deskhand.erp.cleaning.profile import Profile
from deskhand.erp.cleaning.rules import Rules
from deskhand.erp.sources.model import Batch


class Cleaner:
    """Of one table. Its batches come in their order, since a value may be taken from the row before.

    Attributes:
        changes: how often each field's values were changed, and in which way, in all batches so far.
    """

    def __init__(self, rules: Rules, profile: Profile) -> None:
        self.changes: Changes = Counter()
        self._rules = rules
        self._profile = profile

    def clean(self, batch: Batch) -> CleanBatch:
        """The good rows as values, the others with their reasons. Never raises for what a cell holds."""
        raise NotImplementedError(len(batch.rows))
