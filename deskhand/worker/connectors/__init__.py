"""Other systems that a process may call, as `connectors/*.yml` declare them. Knows cases by their number alone."""

from deskhand.worker.connectors.consumer import ConnectorConsumer
from deskhand.worker.connectors.file import CONNECTOR_VARIABLES, ConnectorInvalid, Connectors
from deskhand.worker.connectors.model import Connector, Operation
from deskhand.worker.connectors.recorded import contradictions

__all__ = [
    "CONNECTOR_VARIABLES",
    "Connector",
    "ConnectorConsumer",
    "ConnectorInvalid",
    "Connectors",
    "Operation",
    "contradictions",
]
