"""Rasa's component: texts of `data/nlu` in when trained, an intent and a ranking for each message when it runs.

A message that training has seen, word for word, is known, and one that begins with a process's own words means to start
it; all others are read by words, characters and, where the
machine can, sentence vectors (ADR 0013). What follows from how sure that is stands in bands.py and config.yml.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_components.intents import vectors
from rasa_components.intents.bands import Bands
from rasa_components.intents.guards import meant_instead
from rasa_components.intents.heads import Heads, Rows
from rasa_components.intents.openings import PREFIXES, WORDS, Openings
from rasa_components.intents.text import plain

KNOWN = 0.99  # how sure one is of a sentence that training has seen
SHOWN = 5

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DeskIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return []

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn", "jieba"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "c": 10.0,
            "rounds": 12,
            "sharpness": 1.0,
            "act": 0.3,
            "act_changing": 0.85,
            "change_mind": 0.1,
            "changing": [],
            "vectors": True,
        }

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._vectors = vectors.load() if self.config["vectors"] else None
        self._heads: Optional[Heads] = None
        self._known: Dict[Text, Text] = {}
        self._openings = Openings()
        names = ("act", "act_changing", "change_mind", "changing")
        self._bands = Bands(**{name: self.config[name] for name in names})

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DeskIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [each for each in training_data.intent_examples if each.get(INTENT) and each.get(TEXT)]
        texts = [each.get(TEXT) for each in examples]
        intents = [each.get(INTENT) for each in examples]
        self._heads = Heads.trained(texts, intents, self._rows(texts), self.config["c"])
        self._known = {_known_by(text): intent for text, intent in zip(texts, intents, strict=True)}
        tables = {each["name"]: each["elements"] for each in training_data.lookup_tables}
        self._openings = Openings.of(tables.get(WORDS, ()), tables.get(PREFIXES, ()))
        self.persist()
        return self._resource

    def _rows(self, texts: List[Text]) -> Optional[Rows]:
        made = self._vectors
        if made is None:
            return None
        return Rows(made.of_all(texts, _models_folder()), made.names, made.widths, self.config["rounds"])

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            self._tell(message)
        return messages

    def _tell(self, message: Message) -> None:
        text = message.get(TEXT) or ""
        ranking = self.ranking(text)
        name, sure = self._bands.decide(ranking, meant_instead(text, ranking[0][0]))
        shown = [{"name": intent, "confidence": p} for intent, p in ranking[:SHOWN]]
        message.set(INTENT, {"name": name, "confidence": sure}, add_to_output=True)
        message.set(INTENT_RANKING_KEY, shown, add_to_output=True)

    def ranking(self, text: Text) -> List[tuple]:
        """All intents with their probabilities, best first."""
        assert self._heads is not None, "not trained"
        if _known_by(text) in self._known:
            return [(self._known[_known_by(text)], KNOWN)]
        vector = None if self._vectors is None else self._vectors.of(text)
        found = self._heads.probabilities(text, vector, self.config["sharpness"])
        ranked = [(self._heads.intents[place], float(found[place])) for place in np.argsort(-found)]
        told = self._openings.meant(text, ranked)
        return ranked if told not in self._heads.intents else [(told, KNOWN)]

    def persist(self) -> None:
        assert self._heads is not None
        with self._model_storage.write_to(self._resource) as folder:
            self._heads.save(folder)
            (folder / "known.json").write_text(json.dumps(self._known, ensure_ascii=False), encoding="utf-8")
            told = [self._openings.words, self._openings.prefixes]
            (folder / "openings.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DeskIntentClassifier:
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._heads = Heads.load(folder)
            made._known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
            made._openings = Openings.of(*json.loads((folder / "openings.json").read_text(encoding="utf-8")))
        made._expect_encoders(made._heads.encoders)
        return made

    def _expect_encoders(self, needed: List[Text]) -> None:
        """A model reads vectors of the encoders that it was trained with, or words alone."""
        found = [] if self._vectors is None else self._vectors.names
        if found != needed:
            logger.warning("trained with %s, found %s: messages are recognised by their words alone", needed, found)
            self._vectors = None


def _known_by(text: Text) -> Text:
    """A full stop at the end makes no other sentence; a question mark does."""
    return plain(text).rstrip(" .!~。") or plain(text)


def _models_folder() -> Optional[Path]:
    """Where trained models lie: vectors stay beside them, since models are made anew whenever an utterance is added."""
    folder = os.environ.get("DESKHAND_MODELS_DIR")
    return Path(folder) / "rasa" if folder else None
