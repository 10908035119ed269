"""An ONNX graph with its weights in a file of their own, and the proof that it computes what torch computes."""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx_ir
import onnxruntime
import torch
from torch import Tensor, nn

from models.export.graph import OPSET

_SMALLEST_STORED = 256  #: tensors with fewer elements are stored as they are


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


def write_graph(plan: GraphPlan, folder: Path, progress: Callable[[int, int], None], store_bfloat: bool = False) -> None:
    """Trace the module and write graph and weights; `progress` hears (tensors written, of how many).

    `store_bfloat`: large float32 weights lie in the file as bfloat16, and the graph makes float32 of them where it begins.
    """
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
    if store_bfloat:
        _store_bfloat(model)
    folder.mkdir(parents=True, exist_ok=True)
    weights = f"{plan.file}.data"
    (folder / weights).unlink(missing_ok=True)

    def heard(_tensor: onnx_ir.TensorProtocol, at: object) -> None:
        progress(at.index + 1, at.total)

    onnx_ir.save(model, folder / plan.file, external_data=weights, size_threshold_bytes=1024, max_workers=1, callback=heard)


def _store_bfloat(model: onnx_ir.Model) -> None:
    casts = []
    for name, value in list(model.graph.initializers.items()):
        tensor = value.const_value
        if tensor is None or tensor.dtype != onnx_ir.DataType.FLOAT or tensor.size < _SMALLEST_STORED:
            continue
        stored = onnx_ir.Value(name=f"{name}::bfloat", type=onnx_ir.TensorType(onnx_ir.DataType.BFLOAT16), shape=tensor.shape)
        stored.const_value = onnx_ir.LazyTensor(
            lambda tensor=tensor: onnx_ir.tensor(tensor.numpy().astype(ml_dtypes.bfloat16)),
            dtype=onnx_ir.DataType.BFLOAT16,
            shape=tensor.shape,
            name=stored.name,
        )
        cast = onnx_ir.node("Cast", [stored], attributes={"to": onnx_ir.DataType.FLOAT}, name=f"{name}::cast")
        onnx_ir.convenience.replace_all_uses_with(value, cast.outputs[0])
        del model.graph.initializers[name]
        model.graph.initializers[stored.name] = stored
        casts.append(cast)
    model.graph.insert_before(model.graph[0], casts)


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


@torch.no_grad()
def torch_result(plan: GraphPlan) -> np.ndarray:
    """What the module makes of the other inputs."""
    return plan.module(**plan.others).numpy()


def largest_difference(plan: GraphPlan, expected: np.ndarray, folder: Path) -> float:
    """Largest difference between graph and torch on the other inputs, as a share of the largest value.

    The graph keeps its weights as they lie in the file, without a second copy arranged for speed.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.disable_prepacking", "1")
    session = onnxruntime.InferenceSession(folder / plan.file, options, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    (made,) = session.run(None, {name: value.numpy() for name, value in plan.others.items() if name in wanted})
    return float(np.abs(made - expected).max() / np.abs(expected).max())
