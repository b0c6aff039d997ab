"""Sequences computed together attend to what each attends to by itself, whatever their lengths."""

from __future__ import annotations

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from llm_server.engines import attention

HEADS, GROUPS, SIZE, PLACES = 6, 2, 16, 512
LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=9)


class Cache:
    """transformers' paged cache as its attention sees it: written and read by place."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.keys, self.values = torch.randn(2, PLACES, GROUPS, SIZE)
        self.read = 0

    def update(
        self, *, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, kwargs: dict[str, Any]
    ) -> tuple[torch.Tensor, ...]:
        """As transformers' own: bounds of the layer's kind, what is new written, what is asked for read."""
        assert layer_idx == 0
        kwargs["cu_seq_lens_k"] = kwargs["cu_seq_lens_k"]["full_attention"]
        (places,), (written,) = kwargs["read_index"], kwargs["write_index"]
        self.read = len(places)
        for kept, new in ((self.keys, key_states), (self.values, value_states)):
            kept[written] = new[0].transpose(0, 1)
        return tuple(kept[places].transpose(0, 1)[None] for kept in (self.keys, self.values))


class Layer:
    """What attention asks of its module."""

    layer_idx = 0


def attended(lengths: list[int], together: bool, monkeypatch: MonkeyPatch) -> tuple[torch.Tensor, int]:
    """One step of one new token each; and how much was read of the cache."""
    cache = Cache(len(lengths))
    places = torch.randperm(PLACES, generator=torch.Generator().manual_seed(7))[: sum(lengths)]
    ends = torch.tensor(lengths).cumsum(0)
    bounds = torch.cat([torch.zeros(1, dtype=torch.int64), ends]).to(torch.int32)
    query = torch.randn(1, HEADS, len(lengths), SIZE)
    key, value = torch.randn(2, 1, GROUPS, len(lengths), SIZE)
    if not together:
        monkeypatch.setattr(attention, "_together", lambda *_: None)
    out, _ = attention.each_by_itself(
        Layer(),  # type: ignore[arg-type]
        query,
        key,
        value,
        None,
        cache=cache,
        cu_seq_lens_q=torch.arange(len(lengths) + 1),
        cu_seq_lens_k={"full_attention": bounds},
        max_length_q=1,
        read_index=[places],
        write_index=[places[ends - 1]],
    )
    return out, cache.read


@given(LENGTHS)
def test_each_attends_to_its_own_and_to_nothing_filled_up(lengths: list[int]) -> None:
    with MonkeyPatch.context() as patch:
        apart, _ = attended(lengths, False, patch)
    with MonkeyPatch.context() as patch:
        joined, read = attended(lengths, True, patch)

    assert joined.shape == (1, len(lengths), HEADS, SIZE)
    assert torch.allclose(joined, apart, atol=1e-5)
    assert read <= 2 * sum(lengths)


def test_alike_ones_are_computed_together_and_unlike_ones_each_by_itself(monkeypatch: MonkeyPatch) -> None:
    assert attended([30, 28, 25], True, monkeypatch)[1] == 90
    assert attended([40, 1, 1, 1], True, monkeypatch)[1] == 43
