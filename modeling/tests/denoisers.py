"""Denoisers whose every path shows in the output, and a call of one."""

import torch


def randomise(module: torch.nn.Module) -> torch.nn.Module:
    """Give zero-initialised weights values, so that every path shows in the output."""
    torch.manual_seed(0)
    for parameter in module.parameters():
        if parameter.abs().sum() == 0:
            torch.nn.init.normal_(parameter, std=0.1)
    return module.eval()


def call(denoiser: torch.nn.Module, frames: int = 6, **more: torch.Tensor) -> torch.Tensor:
    """Two clips of five by seven cells at two places of the schedule."""
    torch.manual_seed(1)
    sample, context = torch.randn(2, 4, frames, 5, 7), torch.randn(2, 1, 3, 8)
    with torch.no_grad():
        return denoiser(sample, torch.tensor([10, 700]), context, **more)
