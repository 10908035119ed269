"""Graphs that a GPU need not leave: every operator has a CUDA kernel, and attention is fused."""

from pathlib import Path

import pytest
import torch
from torch import nn

from models.convert.graph import write_graph
from models.convert.plans import graph_plans
from models.export.kernels import operators, without_cuda_kernel
from models.families.registry import FAMILIES
from models.goldens.seeded import fill

PACKAGES = Path(__file__).resolve().parent.parent / "packages"


@pytest.mark.parametrize("graph", sorted(PACKAGES.glob("*/*.onnx")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_graphs_stay_on_the_gpu(graph: Path) -> None:
    assert without_cuda_kernel(graph) == []


@pytest.mark.parametrize("family", ["sd14-text", "venhancer-text"])
def test_graphs_of_published_text_encoders_stay_on_the_gpu_with_fused_attention(family: str, tmp_path: Path) -> None:
    for plan in graph_plans(fill(FAMILIES[family].small()).requires_grad_(False)):
        write_graph(plan, tmp_path, lambda *_: None)
        assert without_cuda_kernel(tmp_path / plan.file) == []
        assert operators(tmp_path / plan.file)["com.microsoft", "MultiHeadAttention"] > 0


def test_an_operator_without_a_kernel_is_named(tmp_path: Path) -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.acos(x)

    torch.onnx.export(Odd(), (torch.zeros(2),), tmp_path / "odd.onnx", dynamo=False)
    assert without_cuda_kernel(tmp_path / "odd.onnx") == ["ai.onnx.Acos"]
