"""A model over several GPUs: transformers places its layers, its cache of batches lies on one. Here each layer gets a
cache where it is computed.

Knows nothing of requests.
"""

from collections.abc import Mapping
from typing import Any

import torch

Device = torch.device


def layer_devices(model: torch.nn.Module) -> dict[int, Device]:
    """Where each layer's weights lie, by the layer's number."""
    numbered = ((getattr(module, "layer_idx", None), module) for module in model.modules())
    placed = ((number, next(module.parameters(), None)) for number, module in numbered if isinstance(number, int))
    return {number: weight.device for number, weight in placed if weight is not None}


def keep_with_layers(cache: Any, devices: Mapping[int, Device]) -> int:
    """Gives the layers that lie elsewhere than the cache one there, laid out alike; says how many layers those are.

    Each further device takes as many bytes as the whole cache does: what stands between the pages of its layers is
    never touched.
    """
    moved: dict[tuple[int, Device], torch.Tensor] = {}
    count = 0
    for number, allocator in cache.layer_to_allocator.items():
        home = devices.get(number, allocator.cache_tensor.device)
        if home == allocator.cache_tensor.device:
            continue
        count += 1
        if (id(allocator), home) not in moved:
            elements = allocator.cache_tensor.untyped_storage().nbytes() // allocator.cache_tensor.element_size()
            moved[id(allocator), home] = torch.zeros(elements, dtype=allocator.cache_tensor.dtype, device=home)
        for views in (allocator._kv_token_views, getattr(allocator, "_kv_page_views", {})):
            if number in views:
                views[number] = tuple(_same_place(moved[id(allocator), home], view) for view in views[number])
    return count


def _same_place(storage: torch.Tensor, view: torch.Tensor) -> torch.Tensor:
    return torch.as_strided(storage, view.shape, view.stride(), view.storage_offset())
