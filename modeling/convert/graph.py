"""An ONNX graph with its weights in a file of their own, and the proof that it computes what torch computes."""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx_ir
import onnxruntime
import torch
from torch import Tensor, nn

from modeling.convert.checkpoint_error import CheckpointError
from modeling.convert.weights import arrange_weights, put_casts_first
from modeling.export.graph import OPSET


@dataclass(frozen=True)
class GraphPlan:
    """One graph of a package: `<name>.onnx` and `<name>.onnx.data`.

    `inputs` are what it is traced with, `others`, of other sizes, what it is proven with; `axes` names dynamic axes by input, `output`
    is name and shape, `multiples` what the size of an axis is divisible by, and `extra` what it has beyond such a multiple.
    """

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    others: dict[str, Tensor]
    axes: dict[str, dict[int, str]]
    output: tuple[str, tuple[int | str, ...]]
    multiples: dict[str, int] = field(default_factory=dict)
    extra: dict[str, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Name of the graph's file."""
        return f"{self.name}.onnx"

    def named(self, name: str) -> "GraphPlan":
        """The same graph under another name."""
        return replace(self, name=name)


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
    arrange_weights(model)
    put_casts_first(model)
    folder.mkdir(parents=True, exist_ok=True)
    weights = f"{plan.file}.data"
    (folder / weights).unlink(missing_ok=True)

    def heard(_tensor: onnx_ir.TensorProtocol, at: object) -> None:
        progress(at.index + 1, at.total)

    onnx_ir.save(model, folder / plan.file, external_data=weights, size_threshold_bytes=1024, max_workers=1, callback=heard)


def signature(plan: GraphPlan) -> dict:
    """Inputs and outputs as a manifest says them, for a plan that no graph is made of."""
    kinds = {torch.float32: "float32", torch.int64: "int64"}
    inputs = [
        {"name": name, "type": kinds[value.dtype], "shape": [plan.axes.get(name, {}).get(k, size) for k, size in enumerate(value.shape)]}
        for name, value in plan.inputs.items()
    ]
    return {"inputs": inputs, "outputs": [{"name": plan.output[0], "type": "float32", "shape": list(plan.output[1])}]}


def _dynamic_shapes(plan: GraphPlan) -> dict[str, dict[int, object]]:
    labels = sorted({label for axes in plan.axes.values() for label in axes.values()})
    made = {}
    for label in labels:
        size = torch.export.Dim("".join(c if c.isalnum() else "_" for c in label) + "_", min=2, max=1 << 20)
        size = plan.multiples[label] * size if label in plan.multiples else size
        made[label] = size + plan.extra[label] if label in plan.extra else size
    return {name: {axis: made[label] for axis, label in plan.axes.get(name, {}).items()} for name in plan.inputs}


_WIDENING = ("ConstantFolding", "FuseFp16InitializerToFp32NodeTransformer")
"""Optimizers of ONNX Runtime that keep a float32 copy of every weight in half precision, for operators that the CPU has in float32 only."""


@torch.no_grad()
def torch_result(plan: GraphPlan) -> np.ndarray:
    """What the module makes of the other inputs, one output."""
    return plan.module(**plan.others).numpy()


def graph_result(plan: GraphPlan, folder: Path, half: bool = False) -> np.ndarray:
    """What the graph makes of the other inputs.

    The graph keeps its weights where the file is mapped, without a second copy that is wider or arranged for speed. `half`: it computes in
    half precision, so that ONNX Runtime puts casts behind its nodes, of which its usual order would make most at once (`put_casts_first`).
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    options.execution_order = onnxruntime.ExecutionOrder.PRIORITY_BASED if half else onnxruntime.ExecutionOrder.DEFAULT
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("optimization.disable_specified_optimizers", ";".join(_WIDENING))
    session = onnxruntime.InferenceSession(folder / plan.file, options, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    (made,) = session.run([plan.output[0]], {name: value.numpy() for name, value in plan.others.items() if name in wanted})
    return made


def difference_between(plan: GraphPlan, expected: np.ndarray, made: np.ndarray) -> float:
    """Largest difference between what torch and what the package makes, as a share of the largest value.

    @raises CheckpointError when either has a number that is NaN or infinite, or they have other shapes. `max` passes over NaN behind a number,
    so no difference is taken before every number is known to be one.
    """
    for whose, values in (("torch", expected), ("the package", made)):
        invalid = int((~np.isfinite(values)).sum())
        if invalid:
            raise CheckpointError(
                f"{plan.name}: of {values.size} numbers that {whose} computes {invalid} are NaN or infinite; "
                "the weights are broken, or too large for the precision: take --precision bf16 or fp32"
            )
    if made.shape != expected.shape:
        raise CheckpointError(f"{plan.name}: the package gives {list(made.shape)} where torch gives {list(expected.shape)}")
    largest = np.abs(expected).max()
    return float(np.abs(made.astype(np.float64) - expected).max() / (largest or 1.0))


def largest_difference(plan: GraphPlan, expected: np.ndarray, folder: Path, half: bool = False) -> float:
    """`difference_between` of the graph in the folder."""
    return difference_between(plan, expected, graph_result(plan, folder, half))
