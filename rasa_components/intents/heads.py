"""The linear models and the small network that say how likely each intent is; trained by scikit-learn, kept as arrays.

Knows nothing of Rasa. What is kept holds numbers and words only, so that loading a model runs none of its code.
"""

import json
import logging
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Text, Tuple

import numpy as np

from rasa_components.intents.text import counted, masked

_SEED = 20
_BLOCKS = 2  # words, characters: each of length one, so that neither drowns the other
_LEAST = 2  # texts that a feature must stand in to count
_HIDDEN = 256
_WORDS = 1.5  # how much the words count for, beside the vector

Logits = np.ndarray

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rows:
    """Sentence vectors of all utterances: which encoders made them, their widths, rounds of training."""

    vectors: np.ndarray
    encoders: Sequence[Text]
    widths: Sequence[int]
    rounds: int


class Sparse:
    """Words and characters, weighted by how rare they are, into a logistic regression."""

    def __init__(self, index: Mapping[Text, int], idf: np.ndarray, coefficients: np.ndarray, bias: np.ndarray) -> None:
        self._index, self._idf = index, idf
        self._coefficients, self._bias = coefficients, bias  # features x intents

    @classmethod
    def trained(cls, texts: Sequence[Text], intents: Sequence[Text], c: float) -> "Sparse":
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression

        blocks = [counted(masked(text)) for text in texts]
        index, idf = _vocabulary(blocks)
        made = cls(index, idf, np.zeros((len(index), 1), np.float32), np.zeros(1, np.float32))
        rows = [made.weighted(block) for block in blocks]
        columns = np.concatenate([places for places, _ in rows])
        ends = np.cumsum([0] + [len(places) for places, _ in rows])
        matrix = csr_matrix((np.concatenate([w for _, w in rows]), columns, ends), shape=(len(texts), len(index)))
        fitted = LogisticRegression(max_iter=80, tol=1e-3, C=c, random_state=_SEED).fit(matrix, intents)
        made._coefficients = np.ascontiguousarray(fitted.coef_.T, dtype=np.float32)
        made._bias = fitted.intercept_.astype(np.float32)
        return made

    def logits(self, text: Text) -> Logits:
        places, weights = self.weighted(counted(masked(text)))
        return weights @ self._coefficients[places] + self._bias

    def weighted(self, block: Tuple[Dict[Text, int], Dict[Text, int]]) -> Tuple[np.ndarray, np.ndarray]:
        """Places of the known features and their weights."""
        found = [_known(self._index, self._idf, kind, block[kind]) for kind in range(_BLOCKS)]
        return np.concatenate([p for p, _ in found]), np.concatenate([w for _, w in found])

    def arrays(self) -> Dict[Text, np.ndarray]:
        return {"idf": self._idf, "coefficients": self._coefficients, "bias": self._bias}


def _known(index: Mapping[Text, int], idf: np.ndarray, kind: int, counts: Dict[Text, int]) -> Tuple:
    pairs = [(index[key], n) for key, n in ((str(kind) + word, n) for word, n in counts.items()) if key in index]
    places = np.array([place for place, _ in pairs], dtype=np.int64)
    weights = np.array([1 + math.log(n) for _, n in pairs], dtype=np.float32) * idf[places]
    length = float(np.linalg.norm(weights))
    return places, weights / length if length else weights


def _vocabulary(blocks: Sequence[Tuple[Dict[Text, int], Dict[Text, int]]]) -> Tuple[Dict[Text, int], np.ndarray]:
    """Place and weight of each feature that stands in enough texts."""
    texts_with: Counter = Counter()
    for block in blocks:
        for kind in range(_BLOCKS):
            texts_with.update(str(kind) + word for word in block[kind])
    kept = sorted(word for word, n in texts_with.items() if n >= _LEAST)
    idf = np.array([math.log((1 + len(blocks)) / (1 + texts_with[word])) + 1 for word in kept], dtype=np.float32)
    return {word: place for place, word in enumerate(kept)}, idf


class Dense:
    """A sentence's vectors into a network with one hidden layer."""

    def __init__(self, arrays: Mapping[Text, np.ndarray]) -> None:
        self._arrays = arrays

    @classmethod
    def trained(cls, rows: np.ndarray, widths: Sequence[int], intents: Sequence[Text], rounds: int) -> "Dense":
        """`widths`: how many columns each encoder has; each is brought to the same spread."""
        from sklearn.neural_network import MLPClassifier

        middle = rows.mean(axis=0)
        blocks = np.split(rows, np.cumsum(widths)[:-1], axis=1)
        scale = np.concatenate([np.full(block.shape[1], 0.5 / block.std()) for block in blocks])
        net = MLPClassifier((_HIDDEN,), alpha=1e-3, max_iter=rounds, random_state=_SEED)
        net.fit((rows - middle) * scale, intents)
        kept = {"middle": middle, "scale": scale}
        for number, (weights, bias) in enumerate(zip(net.coefs_, net.intercepts_, strict=True)):
            kept.update({"net{}".format(number): weights, "net{}_bias".format(number): bias})
        return cls({name: np.ascontiguousarray(array, dtype=np.float32) for name, array in kept.items()})

    def logits(self, vector: np.ndarray) -> Logits:
        at = self._arrays
        hidden = np.maximum(((vector - at["middle"]) * at["scale"]) @ at["net0"] + at["net0_bias"], 0)
        return hidden @ at["net1"] + at["net1_bias"]

    def arrays(self) -> Dict[Text, np.ndarray]:
        return dict(self._arrays)


class Heads:
    """All that was trained, and their common answer. `encoders` names what made the vectors, in their order."""

    def __init__(
        self, intents: List[Text], index: Dict[Text, int], sparse: Sparse, dense: Optional[Dense], encoders: List[Text]
    ) -> None:
        self.intents, self._index = intents, index
        self._sparse, self.dense, self.encoders = sparse, dense, encoders

    @classmethod
    def trained(cls, texts: Sequence[Text], intents: Sequence[Text], rows: Optional[Rows], c: float) -> "Heads":
        """`rows`: the vectors of the texts, None where there is no encoder."""
        logger.info("training on the words of %s utterances", len(texts))
        sparse = Sparse.trained(texts, intents, c)
        dense = None if rows is None else Dense.trained(rows.vectors, rows.widths, intents, rows.rounds)
        names = [] if rows is None else list(rows.encoders)
        return cls(sorted(set(intents)), dict(sparse._index), sparse, dense, names)

    def probabilities(self, text: Text, vector: Optional[np.ndarray], sharpness: float) -> np.ndarray:
        """The mean of what words and vector say in logarithms, the words counting for more."""
        said = _log_softmax(self._sparse.logits(text))
        if vector is not None and self.dense is not None:
            said = (_WORDS * said + _log_softmax(self.dense.logits(vector))) / (_WORDS + 1)
        return np.exp(_log_softmax(said * sharpness))

    def save(self, folder: Path) -> None:
        told = {"intents": self.intents, "index": self._index, "encoders": self.encoders}
        (folder / "words.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "sparse.npz", **self._sparse.arrays())
        if self.dense is not None:
            np.savez(folder / "dense.npz", **self.dense.arrays())

    @classmethod
    def load(cls, folder: Path) -> "Heads":
        told = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        sparse = Sparse(told["index"], **_arrays(folder / "sparse.npz"))
        path = folder / "dense.npz"
        return cls(
            told["intents"], told["index"], sparse, Dense(_arrays(path)) if path.exists() else None, told["encoders"]
        )


def _arrays(path: Path) -> Dict[Text, np.ndarray]:
    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())
