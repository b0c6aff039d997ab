"""Where the model runs is what was asked for, or what the machine is good at, with the reason."""

import pytest

pytestmark = pytest.mark.model  # needs torch


@pytest.mark.parametrize(
    ("capabilities", "dtype"),
    [({"avx512_bf16": True}, "bfloat16"), ({"amx_bf16": True}, "bfloat16"), ({"avx2": True}, "float32")],
)
def test_bfloat16_only_where_the_processor_computes_in_it(monkeypatch, capabilities, dtype):
    import torch

    from llm_server.engines.hardware import choose_placement

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)

    placement = choose_placement("cpu", "auto")

    assert str(placement.dtype) == f"torch.{dtype}"
    assert "bfloat16" in placement.reason or "bf16" in placement.reason


def test_what_was_asked_for_is_taken():
    from llm_server.engines.hardware import choose_placement

    placement = choose_placement("cpu", "float32")

    assert (str(placement.device), str(placement.dtype)) == ("cpu", "torch.float32")
    assert "LLM_DTYPE" in placement.reason
