"""torch without its compiler: what is left out, that it computes the same, and that it is there when it is asked for.

Each in a process of its own, since what is imported stays imported.
"""

import json
import os
import subprocess
import sys

_SCORES = """
import json, sys
from pathlib import Path
if sys.argv[2] == "lean":
    from llm_server.engines.lean_torch import keep_lean
    keep_lean()
import torch
from llm_server.engines.model_loading import load
from llm_server.engines.model_spec import ModelSpec
model = load(ModelSpec("tiny", folder=Path(sys.argv[1]), dtype="float32", device="cpu")).model
with torch.inference_mode():
    scores = model(torch.tensor([[1, 2, 3, 4]])).logits[0, -1].tolist()
left_out = ("torch._dynamo.convert_frame", "torch.distributed.tensor", "sympy.core")
loaded = [name for name in left_out if name in sys.modules]
print(json.dumps({"scores": scores, "loaded": loaded}))
"""

_ASKED_FOR_MORE = """
from llm_server.engines.lean_torch import keep_lean
keep_lean()
import torch
marked = torch._dynamo.disable(len)
assert marked is len
from torch.fx.experimental.symbolic_shapes import ShapeEnv
import sympy
assert ShapeEnv.__name__ == "ShapeEnv" and sympy.Symbol("x").name == "x"
assert torch._dynamo.config.cache_size_limit
compiled = torch.compile(lambda given: given * 2 + 1, backend="eager")
print(compiled(torch.ones(2)).tolist())
"""


def ran(script: str, *given: str) -> str:
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", script, *given], capture_output=True, text=True, env=env, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_model_computes_the_same_and_what_it_never_uses_is_not_loaded(tiny_folder):
    whole = json.loads(ran(_SCORES, str(tiny_folder), "whole"))
    lean = json.loads(ran(_SCORES, str(tiny_folder), "lean"))

    assert lean["scores"] == whole["scores"]
    assert lean["loaded"] == []
    assert whole["loaded"]


def test_whoever_asks_for_more_gets_the_real_modules():
    assert ran(_ASKED_FOR_MORE) == "[3.0, 3.0]"
