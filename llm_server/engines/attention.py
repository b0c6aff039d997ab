"""Attention over a packed batch on a processor: each sequence by itself, by torch's own kernel.

transformers' continuous batching lays all sequences of a step in one row and masks what does not belong together; a
processor then computes mostly what is masked. Here the row is cut at the sequences' bounds. The paged cache stays
transformers' own. Knows nothing of models or sampling.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import flash_attention_mask

EACH_BY_ITSELF = "sdpa_each_by_itself"

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
