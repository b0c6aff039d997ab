"""Linear layers in bfloat16 on a processor, with weights laid out once as its matrix instructions want them.

torch's own linear layer lays them out anew at every call, which costs as much as the multiplication itself while few
tokens are computed at once. The packed layer's operator is the one that torch's compiler puts in its place.
"""

import logging
from typing import Any

import torch

log = logging.getLogger(__name__)


class PackedLinear(torch.nn.Module):
    """A linear layer that can compute and nothing else; ``rows`` are how many tokens it is best at."""

    def __init__(self, linear: torch.nn.Linear, rows: int) -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), rows)
        self.bias = linear.bias

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """The same as the layer's that it was made of."""
        computed: torch.Tensor = torch.ops.mkldnn._linear_pointwise(given, self.packed, self.bias, "none", [], "")
        return computed


def pack(model: Any, rows: int) -> int:
    """Puts packed layers in the place of a model's linear ones, where they agree; gives how many.

    A layer that shares its weights with the embedding stays: packing it would mean to hold them twice.
    """
    parameter = next(model.parameters())
    if parameter.device.type != "cpu" or parameter.dtype is not torch.bfloat16 or not _agrees():
        return 0
    count, embedding = 0, model.get_input_embeddings().weight
    for owner in list(model.modules()):
        for name, layer in list(owner.named_children()):
            if type(layer) is torch.nn.Linear and layer.weight is not embedding:
                setattr(owner, name, PackedLinear(layer, rows))
                count += 1
    return count


def _agrees() -> bool:
    """Whether this torch has the operator, and it computes what a linear layer does."""
    linear = torch.nn.Linear(64, 32, dtype=torch.bfloat16)
    given = torch.randn(1, 3, 64, dtype=torch.bfloat16)
    try:
        with torch.inference_mode():
            return torch.allclose(PackedLinear(linear, 3)(given), linear(given), atol=0.02, rtol=0.02)
    except (AttributeError, RuntimeError, NotImplementedError) as problem:
        log.info("linear layers are not packed: %s", str(problem).splitlines()[0])
        return False
