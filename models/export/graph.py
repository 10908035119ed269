"""Export a torch module as an ONNX graph with named dynamic axes and weights stored in half precision.

Initialisers keep the names of the torch parameters, so `load_back` can restore a module from a package alone.
"""

import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 18
_SMALLEST_HALF = 256  #: tensors with fewer elements stay float32
_STORED = "::half"


def export_graph(
    module: nn.Module,
    inputs: dict[str, Tensor],
    axes: dict[str, dict[int, str]],
    outputs: dict[str, tuple],
    path: Path,
    multiples: dict[str, int] | None = None,
    traced: bool = False,
) -> None:
    """Write `module(**inputs)` to `path`.

    `axes`: dynamic axes by input name. `outputs`: by output name its shape, numbers and axis names, as the manifest shall say it.
    `multiples`: what the size of an axis is divisible by. `traced` uses the tracing exporter, the only one that can make a size out of
    the values of an input.
    """
    model = _trace(module, inputs, axes, outputs) if traced else _program(module, inputs, axes, outputs, multiples or {})
    _keep_parameter_names(model, module)
    _say_shapes(model, inputs, axes, outputs)
    store_half(model)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def _program(
    module: nn.Module, inputs: dict[str, Tensor], axes: dict[str, dict[int, str]], outputs: dict[str, tuple], multiples: dict[str, int]
) -> onnx.ModelProto:
    names = {name for per_input in axes.values() for name in per_input.values()}
    dimensions = {name: _dimension(name, multiples.get(name, 1)) for name in names}
    shapes = {name: {axis: dimensions[label] for axis, label in axes.get(name, {}).items()} for name in inputs}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module.eval(),
            (),
            kwargs=inputs,
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            optimize=False,
        )
    return program.model_proto


def _trace(module: nn.Module, inputs: dict[str, Tensor], axes: dict[str, dict[int, str]], outputs: dict[str, tuple]) -> onnx.ModelProto:
    dynamic = axes | {name: {k: label for k, label in enumerate(shape) if isinstance(label, str)} for name, shape in outputs.items()}
    with warnings.catch_warnings(), tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            file.name,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dynamic,
        )
        return onnx.load(file.name)


def _dimension(name: str, multiple: int) -> torch.export.Dim:
    base = torch.export.Dim("".join(c if c.isalnum() else "_" for c in name) + "_", min=2, max=1 << 20)
    return base if multiple == 1 else multiple * base


def _keep_parameter_names(model: onnx.ModelProto, module: nn.Module) -> None:
    missing = {name for name, _ in module.named_parameters()} - {i.name for i in model.graph.initializer}
    if missing:
        raise ValueError(f"the exporter renamed parameters: {sorted(missing)[:5]}; load_back needs their torch names")


def _say_shapes(model: onnx.ModelProto, inputs: dict[str, Tensor], axes: dict[str, dict[int, str]], outputs: dict[str, tuple]) -> None:
    """Write the axis names of the contract into the graph's inputs and outputs."""
    for value in model.graph.input:
        shape = [axes.get(value.name, {}).get(k, size) for k, size in enumerate(inputs[value.name].shape)]
        _set_shape(value, shape)
    for value in model.graph.output:
        _set_shape(value, outputs[value.name])


def _set_shape(value: onnx.ValueInfoProto, shape: list | tuple) -> None:
    kind = value.type.tensor_type.elem_type
    value.CopyFrom(helper.make_tensor_value_info(value.name, kind, list(shape)))


def store_half(model: onnx.ModelProto) -> None:
    """Store float32 initialisers as float16 and cast them where they are used; the graph still computes in float32."""
    casts = []
    for initializer in model.graph.initializer:
        if initializer.data_type != TensorProto.FLOAT or np.prod(initializer.dims) < _SMALLEST_HALF:
            continue
        name = initializer.name
        stored = numpy_helper.from_array(numpy_helper.to_array(initializer).astype(np.float16), name + _STORED)
        initializer.CopyFrom(stored)
        casts.append(helper.make_node("Cast", [name + _STORED], [name], name=f"{name}::cast", to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


@torch.no_grad()
def round_to_half(module: nn.Module) -> nn.Module:
    """Round the weights as `store_half` does, so that torch and the exported graph hold the same numbers."""
    for tensor in [*module.parameters(), *module.buffers()]:
        if tensor.is_floating_point() and tensor.numel() >= _SMALLEST_HALF:
            tensor.copy_(tensor.half().float())
    return module


def weights_of(path: Path) -> dict[str, Tensor]:
    """Every initialiser of a graph by its torch name, float32."""
    graph = onnx.load(path).graph
    return {i.name.removesuffix(_STORED): torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
