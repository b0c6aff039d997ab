"""Facts -> texts that can be trusted: templates, prompts, the model's client, the fact check.

Knows nothing of storage, of HTTP servers, or of who reads the text.
"""

from deskhand.writing.check import Verdict, check
from deskhand.writing.client import (
    Completion,
    LlmClient,
    Message,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelTimeout,
    TextClient,
)
from deskhand.writing.facts import Fact, FactKind, Facts
from deskhand.writing.order_facts import order_facts
from deskhand.writing.templates import BRIEF, FULL, Templates, TemplatesInvalid, TextTemplate, load_templates
from deskhand.writing.writer import Text, Writer

__all__ = [
    "BRIEF",
    "FULL",
    "Completion",
    "Fact",
    "FactKind",
    "Facts",
    "LlmClient",
    "Message",
    "ModelBusy",
    "ModelDown",
    "ModelError",
    "ModelTimeout",
    "Templates",
    "TemplatesInvalid",
    "Text",
    "TextClient",
    "TextTemplate",
    "Verdict",
    "Writer",
    "check",
    "load_templates",
    "order_facts",
]
