"""What a service task of a diagram may do. Knows no system and no file."""

from __future__ import annotations

NOTIFY, WRITE_DOCUMENT, CALL_CONNECTOR, RUN_ROBOT = "notify", "write_document", "call_connector", "run_robot"
EFFECTS = frozenset({NOTIFY, WRITE_DOCUMENT, CALL_CONNECTOR, RUN_ROBOT})
AWAITED = frozenset({CALL_CONNECTOR, RUN_ROBOT})
"""Those at which a case waits until another system has answered."""
