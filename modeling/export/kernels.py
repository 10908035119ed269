"""Which operators of a graph ONNX Runtime runs on the CPU although a GPU is there: each is a round trip between the two memories.

The names are those of `cuda_kernels.json`, read off ONNX Runtime's published table of kernels.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import onnx

_KERNELS = json.loads((Path(__file__).parent / "cuda_kernels.json").read_text())
_OPENED = {"Constant", "CastLike"}  #: become an initialiser and a Cast when a graph is opened


def operators(path: Path) -> Counter[tuple[str, str]]:
    """How often a graph holds each operator, by domain and name, in its branches, loops and functions too."""
    model = onnx.load(path, load_external_data=False)
    functions = {(function.domain, function.name): function for function in model.functions}
    return Counter(_of(model.graph.node, functions))


def without_cuda_kernel(path: Path) -> list[str]:
    """The operators of a graph that have no CUDA kernel, each as `domain.name`."""
    return sorted(f"{domain}.{name}" for domain, name in operators(path) if name not in _OPENED and name not in _KERNELS.get(domain, ()))


def _of(nodes: Iterable[onnx.NodeProto], functions: dict[tuple[str, str], onnx.FunctionProto]) -> Iterable[tuple[str, str]]:
    for node in nodes:
        function = functions.get((node.domain, node.op_type))
        if function is not None:
            yield from _of(function.node, functions)
            continue
        yield node.domain or "ai.onnx", node.op_type
        for attribute in node.attribute:
            for graph in [*attribute.graphs, *([attribute.g] if attribute.type == onnx.AttributeProto.GRAPH else [])]:
                yield from _of(graph.node, functions)
