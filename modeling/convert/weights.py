"""How the weights of a graph lie in its file: arranged as they are multiplied, and widened just before.

No tensor is read here: each is made when the file is written, and let go again.
"""

from collections.abc import Callable

import numpy as np
import onnx_ir
from onnx_ir.passes.common import RemoveUnusedNodesPass

_Change = Callable[[np.ndarray], np.ndarray]


def arrange_weights(model: onnx_ir.Model) -> None:
    """Store transposed what the graph only transposes, and reshaped what it only reshapes, be it after a cast.

    The exporter writes a linear layer as MatMul(x, Transpose(weight)), and ONNX Runtime makes all the transposed matrices in memory when it
    opens the graph. Stored so, they are multiplied where the file is mapped.
    """
    for node in list(model.graph):
        weight = _weight_of(node)
        arrangement = _arrangement(node, weight) if weight is not None else None
        if arrangement is None:
            continue
        arranged, given = _stored(model, f"{weight.name}::{node.op_type.lower()}", weight, *arrangement), node.inputs[0]
        if given is weight:
            given = arranged
        else:
            given.producer().replace_input_with(0, arranged)
            given.shape = arranged.shape
        onnx_ir.convenience.replace_all_uses_with(node.outputs[0], given)
        model.graph.remove(node, safe=True)
        del model.graph.initializers[weight.name]
    RemoveUnusedNodesPass()(model)


def put_casts_first(model: onnx_ir.Model) -> None:
    """Move the casts of weights to the head of the graph.

    ONNX Runtime goes from the outputs backwards and takes a node's inputs from the last node to the first, so what stands first is made last,
    just before it is used. A cast in its own place would be made before all that its layer works on, and its result held all the while.
    """
    casts = [node for node in model.graph if node.op_type == "Cast" and node.inputs[0].is_initializer()]
    model.graph.remove(casts)
    model.graph.insert_before(model.graph[0], casts)


def _weight_of(node: onnx_ir.Node) -> onnx_ir.Value | None:
    """The weight that the node's first input is, or is a cast of, if nothing else reads it."""
    value = node.inputs[0] if node.inputs else None
    if value is None or len(value.uses()) != 1:
        return None
    if value.producer() is not None and value.producer().op_type == "Cast":
        value = value.producer().inputs[0]
    return value if value.is_initializer() and len(value.uses()) == 1 else None


def _arrangement(node: onnx_ir.Node, weight: onnx_ir.Value) -> tuple[tuple[int, ...], _Change] | None:
    """The shape that the node gives a weight, and how."""
    if node.op_type == "Transpose":
        axes = node.attributes["perm"].as_ints()
        return tuple(weight.shape.numpy()[axis] for axis in axes), lambda array: array.transpose(axes)
    made = node.outputs[0].shape
    if node.op_type == "Reshape" and made is not None and made.is_static():
        return made.numpy(), lambda array: array.reshape(made.numpy())
    return None


def _stored(model: onnx_ir.Model, name: str, weight: onnx_ir.Value, sides: tuple[int, ...], change: _Change) -> onnx_ir.Value:
    """A weight of the graph that is made of another one when it is written."""
    before, shape = weight.const_value, onnx_ir.Shape(sides)
    value = onnx_ir.Value(name=name, type=onnx_ir.TensorType(weight.dtype), shape=shape)
    make = lambda: onnx_ir.tensor(np.ascontiguousarray(change(before.numpy())), dtype=weight.dtype)  # noqa: E731
    value.const_value = onnx_ir.LazyTensor(make, dtype=weight.dtype, shape=shape, name=name)
    model.graph.register_initializer(value)
    return value
