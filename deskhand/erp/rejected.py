"""Rows that were refused, as a file that can be corrected and imported again. Knows no storage.

It holds the original columns as they were and, behind them, where each row stood and why it was refused. Reading knows
these columns by their names and leaves them out.
"""

from __future__ import annotations

EXTRA_COLUMNS = ("deskhand_line", "deskhand_column", "deskhand_value", "deskhand_reason", "deskhand_code")
