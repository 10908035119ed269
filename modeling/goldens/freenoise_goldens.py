"""Goldens of FreeNoise: noise order, prompts per frame and fused attention, made by running the reference's own code.

Usage: freenoise_goldens.py PATH, where PATH is a checkout of AILab-CVC/FreeNoise at COMMIT. The functions are taken out of its
files by name, because the files also import what draws and decodes videos.
"""

import ast
import json
import pathlib
import random
import sys
import types

import torch
from torch import nn

COMMIT = "404b68b1fea597b162fa29320f8f5ecc394717a6"
TARGET = pathlib.Path(__file__).parents[2] / "diffusion" / "goldens"


def statements(path: pathlib.Path, keep) -> list[ast.stmt]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.stmt) and keep(node)]


def run(nodes: list[ast.stmt], names: dict) -> dict:
    exec(compile(ast.Module(nodes, []), "reference", "exec"), names)  # noqa: S102
    return names


def noise_orders(root: pathlib.Path) -> list[dict]:
    """The loop that reschedules noise, on noise that tells its own frame."""
    file = root / "scripts/evaluation/inference_freenoise.py"
    [loop] = statements(file, lambda node: isinstance(node, ast.For) and "window_size" in ast.unparse(node.iter))
    cases = []
    for frames, window, stride in [(64, 16, 4), (32, 16, 4), (40, 16, 8), (20, 8, 2), (17, 16, 1)]:
        shuffles = []

        def shuffle(items: list[int], window=window, shuffles=shuffles) -> None:
            first = min(items)
            random.shuffle(items)
            shuffles.append([item - first for item in items])

        random.seed(frames)
        noise = torch.arange(frames, dtype=torch.float64).view(1, 1, 1, frames, 1, 1).clone()
        names = {"args": types.SimpleNamespace(window_size=window, frames=frames, window_stride=stride), "x_T_total": noise}
        run([loop], names | {"random": types.SimpleNamespace(shuffle=shuffle)})
        lenders = [int(value) for value in noise.flatten()]
        cases.append({"frames": frames, "window": window, "stride": stride, "shuffles": shuffles, "lenders": lenders})
    return cases


def prompt_mixes(root: pathlib.Path) -> list[dict]:
    """The lines that spread two prompts over the frames."""
    file = root / "scripts/evaluation/funcs.py"
    [function] = statements(file, lambda node: isinstance(node, ast.FunctionDef) and node.name == "batch_ddim_sampling_freenoise_mp")
    starts = [index for index, node in enumerate(function.body) if ast.unparse(node).startswith("conditioning =")]
    ends = [index for index, node in enumerate(function.body) if ast.unparse(node).startswith("cond_all =")]
    cases = []
    for frames in [16, 17, 32, 64, 65, 126]:
        torch.manual_seed(frames)
        contexts = torch.randn(2, 2, 3, dtype=torch.float64)
        names = {"cond": {"c_crossattn": [contexts]}, "args": types.SimpleNamespace(frames=frames), "torch": torch}
        names = run(function.body[starts[0] : ends[0]], names)
        mixed = names["cond1"]
        assert mixed.shape == (1, frames, 2, 3)
        cases.append({"frames": frames, "contexts": contexts.flatten(1).tolist(), "mixed": mixed.flatten().tolist()})
    return cases


def rearrange(x: torch.Tensor, pattern: str, h: int) -> torch.Tensor:
    """The two rearrangements of einops that the attention uses."""
    if pattern == "b n (h d) -> (b h) n d":
        return x.unflatten(2, (h, -1)).transpose(1, 2).flatten(0, 1)
    assert pattern == "(b h) n d -> b n (h d)"
    return x.unflatten(0, (-1, h)).transpose(1, 2).flatten(2)


def fused_attention(root: pathlib.Path) -> list[dict]:
    """Its attention over views, and what each view gives by itself."""
    names = {"torch": torch, "nn": nn, "XFORMERS_IS_AVAILBLE": False}
    names |= {"exists": lambda value: value is not None, "default": lambda value, other: other if value is None else value}
    names |= {"rearrange": rearrange, "einsum": torch.einsum}
    wanted = {"generate_weight_sequence", "CrossAttention"}
    file = root / "lvdm/modules/attention_freenoise.py"
    nodes = statements(file, lambda node: isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted)
    views_of = statements(root / "scripts/evaluation/funcs.py", lambda node: isinstance(node, ast.FunctionDef) and node.name == "get_views")
    names = run(nodes + views_of, names)
    cases = []
    for frames, window, stride in [(32, 16, 4), (64, 16, 4), (21, 9, 3)]:
        torch.manual_seed(frames)
        attention = names["CrossAttention"](4, heads=2, dim_head=2).double().eval()
        attention.to_out[0].weight.data = torch.eye(4, dtype=torch.float64)
        attention.to_out[0].bias.data.zero_()
        x = torch.randn(1, frames, 4, dtype=torch.float64)
        views = names["get_views"](frames, window, stride)
        with torch.no_grad():
            fused = attention(x, context_next=views)
            parts = torch.cat([attention(x[:, start:end]) for start, end in views])
        cases.append({"frames": frames, "window": window, "stride": stride, "parts": parts.flatten().tolist(), "fused": fused.flatten().tolist()})
    return cases


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    goldens = {
        "madeBy": f"AILab-CVC/FreeNoise @{COMMIT[:7]}",
        "noise": noise_orders(root),
        "prompts": prompt_mixes(root),
        "attention": fused_attention(root),
    }
    (TARGET / "freenoise.json").write_text(json.dumps(goldens) + "\n")


if __name__ == "__main__":
    main()
