"""Personal data of one customer: what is held, a copy of it, and forgetting it; and what a tenant forgets by itself."""

from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.erasing import Erasure, ErasureRefused, erase
from deskhand.store.privacy.exporting import export
from deskhand.store.privacy.retention import Forgotten, forget_old, would_forget

__all__ = [
    "Erasure",
    "ErasureRefused",
    "Forgotten",
    "RasaConversations",
    "erase",
    "export",
    "forget_old",
    "would_forget",
]
