"""Numbers that follow from a name alone, the same on every machine: weights and inputs of the family goldens."""

import hashlib
import math

import numpy as np
import torch
from torch import Tensor, nn


def seeded(name: str, *shape: int) -> Tensor:
    """Uniform in -1..1, float32, from Philox keyed by the hash of `name`."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "little")
    values = np.random.Generator(np.random.Philox(key=key)).random(math.prod(shape), dtype=np.float64)
    return torch.from_numpy((2 * values - 1).reshape(shape).astype(np.float32))


def normal_like(name: str, *shape: int) -> Tensor:
    """As `seeded`, with deviation 1."""
    return seeded(name, *shape) * math.sqrt(3)


_SHARED = {"freqs": "freqs", "embed_tokens.weight": "shared.weight"}  #: names by the ends of keys


@torch.no_grad()
def fill(module: nn.Module) -> nn.Module:
    """Give every tensor of the state dict values by its key, none of them zero, and switch to evaluation.

    Rotary frequencies, and words of T5, are one tensor under many keys in the references, so they share a name.
    """
    for key, tensor in module.state_dict().items():
        if not tensor.is_floating_point():
            continue
        name = next((shared for end, shared in _SHARED.items() if key.endswith(end)), key)
        values = seeded(name, *tensor.shape)
        if tensor.dim() > 1:
            tensor.copy_(values * math.sqrt(3 / math.prod(tensor.shape[1:])))
        else:
            tensor.copy_(0.1 * values if key.endswith("bias") else 1 + 0.2 * values)
    return module.eval()
