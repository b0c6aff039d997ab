"""Which language a message is in, as an entity: the slot `language` chooses between the responses.

Knows nothing of deskhand. What cannot be decided ("SO-1001", "30") yields no entity, so that the slot stays as it
is; only then the language of the conversation counts, which the gateway puts into the turn's token. The token is
not verified here: it only chooses a wording.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

LANGUAGES = ("zh", "en")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_CODE = re.compile(r"(?=\S*\d)[A-Za-z0-9][A-Za-z0-9\-_/.#]*")
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")


def detect(text: Text) -> Optional[Text]:
    """zh or en; None when there is no word to tell by (numbers and codes are no words)."""
    words = _CODE.sub(" ", text)
    han = len(_HAN.findall(words))
    latin = sum(1 for word in _WORD.findall(words) if len(word) > 1 or word in "aI")
    if not han and not latin:
        return "zh" if _HAN.search(text) else None
    return "zh" if han and han >= latin else "en"


def told(metadata: Any) -> Optional[Text]:
    """The conversation's language as the gateway's token has it, unverified."""
    token = metadata.get("token") if isinstance(metadata, dict) else None
    if not isinstance(token, str) or token.count(".") != 2:
        return None
    body = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None
    language = claims.get("language") if isinstance(claims, dict) else None
    return language if language in LANGUAGES else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageDetector(EntityExtractorMixin, GraphComponent):
    """Adds the entity `language` to each message whose language can be told."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageDetector":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            self._tell(message)
        return messages

    def _tell(self, message: Message) -> None:
        text = message.get(TEXT) or ""
        language = detect(text) or told(message.get("metadata"))
        if language is None:
            return
        entity = {"entity": "language", "value": language, "start": 0, "end": len(text)}
        found = self.add_extractor_name([entity])
        message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
