"""A module that keeps its weights in half the space and computes in float32."""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_SMALLEST_KEPT = 256  #: tensors with fewer elements are float32 at once


class _Float(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return weight.float()


@torch.no_grad()
def widen_when_used(module: nn.Module) -> None:
    """Make float32 of each bfloat16 weight where a layer reads it, and of nothing else: no second copy of the weights is held.

    A graph that is traced from the module stores the weights as they are kept, each with a cast.
    """
    for part in list(module.modules()):
        for name, weight in list(part.named_parameters(recurse=False)):
            if weight.dtype != torch.bfloat16:
                continue
            if weight.numel() < _SMALLEST_KEPT:
                setattr(part, name, nn.Parameter(weight.float(), requires_grad=False))
            else:
                parametrize.register_parametrization(part, name, _Float(), unsafe=True)
        for name, buffer in part.named_buffers(recurse=False):
            if buffer.dtype == torch.bfloat16:
                setattr(part, name, buffer.float())
