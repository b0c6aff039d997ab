"""Attention over a packed batch on a processor: each sequence by itself, by torch's own kernel.

transformers' continuous batching lays all sequences of a step in one row and masks what does not belong together; a
processor then computes mostly what is masked. Here the row is cut at the sequences' bounds; where each sequence asks
for one token and they are about as long as each other, they are computed together, filled up to the longest. The paged
cache stays transformers' own. Knows nothing of models or sampling.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import flash_attention_mask

EACH_BY_ITSELF = "sdpa_each_by_itself"

# Sequences are computed together as long as no more than this times their tokens is read for it.
_FILLED_UP = 2

# What some models add to attention and this does not do.
_UNKNOWN_HERE = ("softcap", "s_aux", "position_bias", "sliding_window")


def register() -> None:
    """Makes it known to transformers under its name."""
    AttentionInterface.register(EACH_BY_ITSELF, each_by_itself)
    AttentionMaskInterface.register(EACH_BY_ITSELF, flash_attention_mask)


def each_by_itself(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    cache: Any = None,
    **given: Any,
) -> tuple[torch.Tensor, None]:
    """One row of sequences in, [1, heads, tokens, size]; one row out, [1, tokens, heads, size].

    Raises:
        NotImplementedError: the model wants something of its attention that this does not do.
    """
    asked = [name for name in _UNKNOWN_HERE if given.get(name) is not None]
    if asked:
        raise NotImplementedError(f"attention with {asked[0]}")
    if cache is None:  # the plain lane: one sequence, its cache is its own
        return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling)
    if together := _together(given, query):
        return together.attended(module, query, key, value, scaling, cache, given), None
    key, value = cache.update(key_states=key, value_states=value, layer_idx=module.layer_idx, kwargs=given)
    out = torch.empty_like(query)
    asked_to, kept_to = given["cu_seq_lens_q"].tolist(), given["cu_seq_lens_k"].tolist()
    for number in range(len(asked_to) - 1):
        asks, keeps = slice(*asked_to[number : number + 2]), slice(*kept_to[number : number + 2])
        out[:, :, asks] = _attended(query[:, :, asks], key[:, :, keeps], value[:, :, keeps], scaling)
    return out.transpose(1, 2), None


def _attended(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scaling: float | None) -> torch.Tensor:
    _, heads, asking, size = query.shape
    kept, groups = key.shape[2], key.shape[1]
    if asking == 1:  # the heads that share keys ask together
        packed = query.reshape(1, groups, heads // groups, size)
        return scaled_dot_product_attention(packed, key, value, scale=scaling).reshape(1, heads, 1, size)
    if asking == kept:
        return scaled_dot_product_attention(query, key, value, is_causal=True, scale=scaling, enable_gqa=True)
    seen = torch.ones(asking, kept, dtype=torch.bool, device=query.device).tril(kept - asking)
    return scaled_dot_product_attention(query, key, value, attn_mask=seen, scale=scaling, enable_gqa=True)


@dataclass(frozen=True, slots=True)
class _Together:
    """What a step reads of the cache when each sequence asks for one token, the same in all layers.

    ``read`` has the sequences' places in the cache one after the other, each filled up to the longest with its first
    place, [sequences * longest]; ``mask`` takes out what was filled up, [sequences, 1, 1, longest].
    """

    read: torch.Tensor
    mask: torch.Tensor

    def attended(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scaling: float | None,
        cache: Any,
        given: dict[str, Any],
    ) -> torch.Tensor:
        """[1, tokens, heads, size]."""
        read = given | {"read_index": [self.read]}
        key, value = cache.update(key_states=key, value_states=value, layer_idx=module.layer_idx, kwargs=read)
        count, (_, heads, _, size), groups = len(self.mask), query.shape, key.shape[1]
        # The heads that share keys ask together.
        asks = query[0].transpose(0, 1).reshape(count, groups, heads // groups, size)
        key, value = (each.view(groups, count, -1, size).transpose(0, 1) for each in (key[0], value[0]))
        out = scaled_dot_product_attention(asks, key, value, attn_mask=self.mask, scale=scaling)
        return out.reshape(1, count, heads, size)


# The newest step, by transformers' own list of its places: all its layers are computed alike, in one thread.
_step: tuple[list[torch.Tensor], _Together | None] = ([], None)


def _together(given: dict[str, Any], query: torch.Tensor) -> _Together | None:
    """How this step's sequences are computed together; None where each is better computed by itself."""
    global _step
    places = given["read_index"]
    if _step[0] is not places:
        _step = (places, _filled_up(given, query))
    return _step[1]


def _filled_up(given: dict[str, Any], query: torch.Tensor) -> _Together | None:
    places, bounds, count = given["read_index"], given["cu_seq_lens_k"], query.shape[2]
    if given["max_length_q"] != 1 or count == 1 or len(places) != 1 or len(bounds) != 1 or not len(places[0]):
        return None
    kept_to = next(iter(bounds.values())).to(torch.int64)
    lengths = kept_to.diff()
    longest = int(lengths.max())
    if longest * count > _FILLED_UP * len(places[0]):
        return None
    number = torch.arange(longest)
    own = number < lengths[:, None]
    begin = kept_to[:-1, None]
    read = places[0][torch.where(own, begin + number, begin).flatten()]
    mask = torch.zeros(own.shape, dtype=query.dtype).masked_fill_(~own, -torch.inf)
    return _Together(read, mask[:, None, None])
