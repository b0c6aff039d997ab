"""Vectors side by side, kept where an encoder is slow; what is said of a machine that can not run one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rasa_components.intents.conftest import Asked

pytestmark = pytest.mark.rasa

SCRIPT = """
import json, tempfile
from pathlib import Path
import numpy as np
from rasa_components.intents import encoders
from rasa_components.intents.vectors import FILE, Vectors

class Encoder:
    width = 2
    def __init__(self, name, kept):
        self.name, self.kept, self.asked = name, kept, []
    def rows(self, texts):
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)
    def many(self, texts):
        self.asked.append(list(texts))
        return self.rows(texts) if texts else np.zeros((0, 2), np.float32)

slow, quick = Encoder("slow", True), Encoder("quick", False)
vectors = Vectors([slow, quick])
answer = {"names": vectors.names, "widths": vectors.widths}
with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    answer["first"] = vectors.of_all(["ab", "訂單", "ab"], folder).tolist()
    answer["second"] = vectors.of_all(["ab", "c"], folder).tolist()
    answer["asked"] = [list(slow.asked), list(quick.asked)]
    vectors.of_all(["訂單"], folder)
    answer["forgotten"] = slow.asked[-1]
    (folder / FILE).write_bytes(b"broken")
    answer["mended"] = vectors.of_all(["ab"], folder).tolist()
    answer["left"] = sorted(path.name for path in folder.iterdir())
answer["nowhere"] = vectors.of_all(["ab"], None).tolist()
answer["one"] = vectors.of("訂單").tolist()
encoders.platform.machine = lambda: "x86_64"
encoders._processor_flags = lambda: ["fma", "sse"]
answer["lacking"] = encoders.what_is_lacking()
encoders._processor_flags = lambda: ["fma", "avx2", "f16c"]
answer["enough"] = encoders.what_is_lacking()
print(json.dumps(answer))
"""
AB, ORDER = [2.0, 97.0] * 2, [2.0, float(ord("订"))] * 2


@pytest.fixture(scope="module")
def told(rasa_says: Asked) -> Any:
    return rasa_says(SCRIPT, None)


def test_vectors_stand_side_by_side_and_traditional_characters_are_folded_before(told: Any) -> None:
    assert told["names"] == ["slow", "quick"] and told["widths"] == [2, 2]
    assert told["first"] == [AB, ORDER, AB] and told["one"] == ORDER


def test_a_slow_encoder_makes_each_text_once(told: Any) -> None:
    slow, quick = told["asked"]

    assert slow == [["ab", "订单"], ["c"]] and quick == [["ab", "订单"], ["ab", "c"]]
    assert told["second"][0] == AB


def test_what_is_taught_no_more_leaves_the_file(told: Any) -> None:
    assert told["forgotten"] == ["订单"]


def test_a_broken_file_is_made_anew(told: Any) -> None:
    assert told["mended"] == [AB] and told["left"] == ["sentence-vectors.npz"]


def test_without_a_folder_nothing_is_kept(told: Any) -> None:
    assert told["nowhere"] == [AB]


def test_a_processor_without_what_the_engine_is_compiled_for_is_told(told: Any) -> None:
    assert told["lacking"] == "the processor lacks avx2, f16c" and told["enough"] is None
