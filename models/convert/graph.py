"""An ONNX graph with its weights in a file of their own, and the proof that it computes what torch computes."""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx_ir
import onnxruntime
import torch
from torch import Tensor, nn

from models.export.graph import OPSET


@dataclass(frozen=True)
class GraphPlan:
    """One graph of a package: `<name>.onnx` and `<name>.onnx.data`.

    `inputs` are what it is traced with, `others`, of other sizes, what it is proven with; `axes` names dynamic axes by input, `output`
    is name and shape, and `multiples` what the size of an axis is divisible by.
    """

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    others: dict[str, Tensor]
    axes: dict[str, dict[int, str]]
    output: tuple[str, tuple[int | str, ...]]
    multiples: dict[str, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the graph's file."""
        return f"{self.name}.onnx"


def write_graph(plan: GraphPlan, folder: Path, progress: Callable[[int, int], None]) -> None:
    """Trace the module and write graph and weights; `progress` hears (tensors written, of how many)."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            plan.module.eval(),
            (),
            kwargs=plan.inputs,
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=list(plan.inputs),
            output_names=[plan.output[0]],
            dynamic_shapes=_dynamic_shapes(plan),
            optimize=False,
        )
    model = program.model
    for value in model.graph.inputs:
        named = plan.axes.get(value.name, {})
        value.shape = onnx_ir.Shape([named.get(k, size) for k, size in enumerate(plan.inputs[value.name].shape)])
    model.graph.outputs[0].shape = onnx_ir.Shape(plan.output[1])
    folder.mkdir(parents=True, exist_ok=True)
    weights = f"{plan.file}.data"
    (folder / weights).unlink(missing_ok=True)

    def heard(_tensor: onnx_ir.TensorProtocol, at: object) -> None:
        progress(at.index + 1, at.total)

    onnx_ir.save(model, folder / plan.file, external_data=weights, size_threshold_bytes=1024, max_workers=1, callback=heard)


def _dynamic_shapes(plan: GraphPlan) -> dict[str, dict[int, object]]:
    labels = sorted({label for axes in plan.axes.values() for label in axes.values()})
    made = {}
    for label in labels:
        base = torch.export.Dim("".join(c if c.isalnum() else "_" for c in label) + "_", min=2, max=1 << 20)
        made[label] = plan.multiples[label] * base if label in plan.multiples else base
    return {name: {axis: made[label] for axis, label in plan.axes.get(name, {}).items()} for name in plan.inputs}


def largest_difference(plan: GraphPlan, folder: Path) -> float:
    """Largest difference between graph and torch on the other inputs, as a share of the largest value."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(folder / plan.file, options, providers=["CPUExecutionProvider"])
    (made,) = session.run(None, {name: value.numpy() for name, value in plan.others.items()})
    with torch.no_grad():
        expected = plan.module(**plan.others).numpy()
    return float(np.abs(made - expected).max() / np.abs(expected).max())
