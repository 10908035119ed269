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
_STEPS, _SCALE = "::byte", "::scale"


def export_graph(
    module: nn.Module,
    inputs: dict[str, Tensor],
    axes: dict[str, dict[int, str]],
    outputs: dict[str, tuple],
    path: Path,
    multiples: dict[str, int] | None = None,
    traced: bool = False,
    in_bytes: frozenset[str] = frozenset(),
) -> None:
    """Write `module(**inputs)` to `path`.

    `axes`: dynamic axes by input name. `outputs`: by output name its shape, numbers and axis names, as the manifest shall say it.
    `in_bytes`: parameters that `store_byte` keeps. `multiples`: what the size of an axis is divisible by. `traced` uses the tracing
    exporter, the only one that can make a size out of the values of an input.
    """
    model = _trace(module, inputs, axes, outputs) if traced else _program(module, inputs, axes, outputs, multiples or {})
    _keep_parameter_names(model, module)
    _say_shapes(model, inputs, axes, outputs)
    store_byte(model, in_bytes)
    store_half(model)
    _forget_origin(model)
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


def _forget_origin(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes of the Python behind each node and value: a fifth of a small graph's file, and paths of this machine."""
    graph = model.graph
    functions = [part for function in model.functions for part in (function, *function.node)]
    for part in (model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output, *functions):
        del part.metadata_props[:]
        part.doc_string = ""


def store_half(model: onnx.ModelProto) -> None:
    """Store float32 initialisers as float16 and cast them where they are used; the graph still computes in float32."""
    casts = []
    for initializer in model.graph.initializer:
        name = initializer.name
        if initializer.data_type != TensorProto.FLOAT or np.prod(initializer.dims) < _SMALLEST_HALF or name.endswith(_SCALE):
            continue
        stored = numpy_helper.from_array(numpy_helper.to_array(initializer).astype(np.float16), name + _STORED)
        initializer.CopyFrom(stored)
        casts.append(helper.make_node("Cast", [name + _STORED], [name], name=f"{name}::cast", to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def store_byte(model: onnx.ModelProto, names: frozenset[str]) -> None:
    """Store initialisers as steps from -127 to 127 and one scale per row of the way out; the graph multiplies them when it is loaded."""
    products = []
    kept = [i for i in model.graph.initializer if i.name not in names]
    for initializer in model.graph.initializer:
        if initializer.name not in names:
            continue
        name, tensor = initializer.name, torch.from_numpy(numpy_helper.to_array(initializer).copy())
        scale = _row_scale(tensor)
        kept.append(numpy_helper.from_array((tensor / scale).round().to(torch.int8).numpy(), name + _STEPS))
        kept.append(numpy_helper.from_array(scale.numpy(), name + _SCALE))
        products.append(helper.make_node("Cast", [name + _STEPS], [name + "::cast"], name=f"{name}::cast", to=TensorProto.FLOAT))
        products.append(helper.make_node("Mul", [name + "::cast", name + _SCALE], [name], name=f"{name}::scale"))
    nodes = products + list(model.graph.node)
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)


@torch.no_grad()
def round_to_half(module: nn.Module, but: frozenset[str] = frozenset()) -> nn.Module:
    """Round the weights as `store_half` does, so that torch and the exported graph hold the same numbers; `but` names those in bytes."""
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if tensor.is_floating_point() and tensor.numel() >= _SMALLEST_HALF and name not in but:
            tensor.copy_(tensor.half().float())
    return module


@torch.no_grad()
def round_to_byte(module: nn.Module) -> nn.Module:
    """Round matrices and kernels to 255 steps per row of the way out, as `store_byte` keeps them."""
    for tensor in module.parameters():
        if _is_large(tensor):
            scale = _row_scale(tensor)
            tensor.copy_((tensor / scale).round() * scale)
    return module


def names_in_bytes(module: nn.Module) -> frozenset[str]:
    """The parameters that `round_to_byte` rounds."""
    return frozenset(name for name, p in module.named_parameters() if _is_large(p))


def _is_large(tensor: Tensor) -> bool:
    return tensor.ndim > 1 and tensor.numel() >= 16 * _SMALLEST_HALF


def _row_scale(tensor: Tensor) -> Tensor:
    largest = tensor.flatten(1).abs().amax(1).clamp(min=1e-8)
    return (largest / 127).view(-1, *[1] * (tensor.ndim - 1))


def weights_of(path: Path) -> dict[str, Tensor]:
    """Every initialiser of a graph by its torch name, float32."""
    graph = onnx.load(path).graph
    stored = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    weights = {name.removesuffix(_STORED): tensor for name, tensor in stored.items() if not name.endswith((_STEPS, _SCALE))}
    steps = {name.removesuffix(_STEPS): tensor for name, tensor in stored.items() if name.endswith(_STEPS)}
    return weights | {name: tensor.float() * stored[name + _SCALE] for name, tensor in steps.items()}
