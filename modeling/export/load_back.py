"""Restore torch modules from a model package, so that training can go on from git alone."""

from pathlib import Path

import torch
from torch import nn

from modeling.export.graph import weights_of


@torch.no_grad()
def load_back(module: nn.Module, graph: Path) -> nn.Module:
    """Copy the weights of an exported graph into a module of the same shape; every parameter must be there."""
    weights = weights_of(graph)
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        tensor.copy_(weights[name].reshape(tensor.shape))
    return module
