"""Families become graphs that compute what torch computes at other sizes, and that a GPU need not leave."""

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
import torch
from torch import nn

from modeling.convert.graph import GraphPlan, largest_difference, torch_result, write_graph
from modeling.convert.plans import graph_plans
from modeling.export.kernels import operators, without_cuda_kernel
from modeling.goldens.seeded import fill
from modeling.tests.tiny import TINY

PACKAGES = Path(__file__).resolve().parents[2] / "models" / "packages"
_ONE = {"B", "N", "n", "F or 1"}  #: axes that traces never see with one entry, and many calls have with one


@pytest.mark.parametrize("graph", sorted(PACKAGES.glob("*/*.onnx")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_graphs_stay_on_the_gpu(graph: Path) -> None:
    assert without_cuda_kernel(graph) == []


def of_one(plan: GraphPlan) -> GraphPlan:
    """The call without guidance: one clip or picture, one context for all its frames, one window."""
    others = dict(plan.others)
    for name, axes in plan.axes.items():
        for axis, label in axes.items():
            others[name] = others[name].narrow(axis, 0, 1) if label in _ONE else others[name]
    return replace(plan, others=others)


@pytest.mark.parametrize("family", TINY)
def test_the_graph_computes_what_torch_computes_and_stays_on_the_gpu(family: str, tmp_path: Path) -> None:
    for plan in graph_plans(fill(TINY[family]()).requires_grad_(False)):
        write_graph(plan, tmp_path, lambda *_: None)
        for case in (plan, of_one(plan)):
            assert largest_difference(case, torch_result(case), tmp_path) < 1e-5, plan.name
        assert [value.name for value in onnx.load(tmp_path / plan.file, load_external_data=False).graph.input] == list(plan.inputs)
        assert without_cuda_kernel(tmp_path / plan.file) == [], plan.name
        assert operators(tmp_path / plan.file)["com.microsoft", "MultiHeadAttention"] > 0, f"{plan.name}: attention is not fused"


def test_an_operator_without_a_kernel_is_named(tmp_path: Path) -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.acos(x)

    torch.onnx.export(Odd(), (torch.zeros(2),), tmp_path / "odd.onnx", dynamo=False)
    assert without_cuda_kernel(tmp_path / "odd.onnx") == ["ai.onnx.Acos"]
