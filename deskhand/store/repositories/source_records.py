"""What other systems have said, and which of their files were taken over. Knows no files and no rules of merging."""

from __future__ import annotations

FORGOTTEN = "forgotten"  # erased here: whatever the source says of it again is left alone
