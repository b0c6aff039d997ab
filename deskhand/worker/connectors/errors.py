"""Why a call of another system brought nothing.

EffectError
├── ConnectorUnknown        nobody declared it, or not so; what is declared is wrong or a variable is not set
├── ConnectorRefused        the system says that the data are wrong
└── ConnectorChanged        the system answers otherwise than was declared
SystemNotReached            it may answer later: tried again
"""

from __future__ import annotations

from deskhand.worker.errors import EffectError


class ConnectorUnknown(EffectError):
    """The file of the system does not allow this call."""

    code = "connector_unknown"


class ConnectorRefused(EffectError):
    """The system refused what it was asked."""

    code = "connector_refused"


class ConnectorChanged(EffectError):
    """The system's answer is not what its file says."""

    code = "connector_changed"


class SystemNotReached(Exception):
    """The system did not answer, or said that it can't now."""
