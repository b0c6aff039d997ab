"""What a service task of a diagram may do. Knows no system and no file."""

from __future__ import annotations

NOTIFY, WRITE_DOCUMENT, CALL_CONNECTOR = "notify", "write_document", "call_connector"
EFFECTS = frozenset({NOTIFY, WRITE_DOCUMENT, CALL_CONNECTOR})
