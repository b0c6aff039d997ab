"""Versions of models in a folder or an S3-like store: checksummed, with their evaluation; one of each name is current.

    python -m llm_server.registry --store var/registry add letters var/runs/first/1-adapter/model --evaluation ...
    python -m llm_server.registry --store s3://models promote letters 2

Knows nothing of torch, of serving or of training.
"""

from llm_server.registry.errors import (
    ManifestDamaged,
    NotAModel,
    NotBetter,
    NotEnoughRoom,
    NotInRegistry,
    NotItsEvaluation,
    RegistryError,
    StoreFailed,
    WrongChecksum,
)
from llm_server.registry.evaluation import Evaluation
from llm_server.registry.store import Entry, Registry

__all__ = [
    "Entry",
    "Evaluation",
    "ManifestDamaged",
    "NotAModel",
    "NotBetter",
    "NotEnoughRoom",
    "NotInRegistry",
    "NotItsEvaluation",
    "Registry",
    "RegistryError",
    "StoreFailed",
    "WrongChecksum",
]
