"""A message as the classifier reads it: numbers as what they stand for, words and characters as weighted features.

Knows nothing of Rasa and of intents.
"""

import re
import unicodedata
from collections import Counter
from typing import Dict, Iterator, List, Text, Tuple

import jieba
from opencc import OpenCC

MAX_CHARACTERS = 600

_NUMBERS = (  # the first that fits a place takes it
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), " xphone "),
    (
        re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*\d{5})[a-z]{0,4}[- ]?\d[\da-z]{7,}(?![a-z0-9])|\d{3,4}(?: \d{3,4}){2,}"),
        " xtrack ",
    ),
    (
        re.compile(
            r"(?<![a-z0-9])(?:(?:so|po|no|nr|#)[\s.#:-]*)?(?:so|po)?-?\d{4,7}(?:-\d{1,4})?(?![a-z0-9])|#\s?\d+|"
            r"(?<![a-z])(?:so|po)[\s-]?\d+"
        ),
        " xorder ",
    ),
    (re.compile(r"\d+(?:[.,]\d+)*"), " xnum "),
    (re.compile(r"[一二两三四五六七八九十百千半]+(?=[箱个台盒包把件张卷本支瓶袋套条双桶托车])"), " xnum "),
)
_SPACE = re.compile(r"\s+")
_LONGEST_GRAM = 4

_HAN = re.compile(r"[\u3400-\u9fff]")
_TO_SIMPLIFIED = OpenCC("t2s")

jieba.setLogLevel(60)


def simplified(text: Text) -> Text:
    """Traditional characters as simplified ones: most of what is taught is written in these."""
    short = text[:MAX_CHARACTERS]
    return _TO_SIMPLIFIED.convert(short) if _HAN.search(short) else short


def plain(text: Text) -> Text:
    """Half width, lower case, simplified, without invisible characters, at most MAX_CHARACTERS."""
    short = simplified(unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower())
    visible = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " for c in short)
    return _SPACE.sub(" ", visible).strip()


def masked(text: Text) -> Text:
    """Plain, with order numbers, tracking numbers, telephone numbers and quantities as one word for each kind."""
    told = plain(text)
    for pattern, word in _NUMBERS:
        told = pattern.sub(word, told)
    return _SPACE.sub(" ", told).strip()


def word_features(told: Text) -> List[Text]:
    """Words, pairs of words, the first and the last word of a masked text."""
    words = [word for word in jieba.lcut(told) if word.strip()]
    if not words:
        return ["^$"]
    pairs = [first + "_" + second for first, second in zip(words, words[1:], strict=False)]
    return words + pairs + ["^" + words[0], words[-1] + "$"]


def character_features(told: Text) -> List[Text]:
    """Runs of one to four characters that do not cross a space; its ends count as characters."""
    return [gram for word in told.split() for gram in _grams(" " + word + " ")]


def _grams(word: Text) -> Iterator[Text]:
    for length in range(1, _LONGEST_GRAM + 1):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]


def counted(told: Text) -> Tuple[Dict[Text, int], Dict[Text, int]]:
    """How often each feature stands in a masked text: words, characters."""
    return Counter(word_features(told)), Counter(character_features(told))
