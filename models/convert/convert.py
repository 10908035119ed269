"""From checkpoint to package, step by step."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from models.convert.checkpoint import CheckpointError, check_keys, read_checkpoint
from models.convert.clip_tokenizer import write_tokenizer
from models.convert.facts import FACTS
from models.convert.graph import GraphPlan, largest_difference, signature, torch_result, write_graph
from models.convert.plans import graph_plans
from models.export.package import Package, write_manifest
from models.families.keys import published
from models.families.registry import FAMILIES
from models.torch_engine.packages import WEIGHTS
from models.torch_engine.tensors import write_tensors

VERSION = "1.0.0"
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_TOLERANCE = {"fp32": 1e-3, "fp16": 5e-2, "bf16": 1e-3}  #: largest difference, as a share of the largest value, that is rounding


def convert(
    family: str,
    checkpoint: Path,
    out: Path,
    precision: str,
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
    tokenizer: Path | None = None,
    build: Callable[[], nn.Module] | None = None,
    engine: str = "onnx",
) -> str:
    """Write the package of `family` to `out`; gives a line about it. A package of the same file and precision is left as it is.

    `tokenizer`: the folder with `vocab.json` and `merges.txt`, for text encoders.
    `engine`: `onnx` writes graphs; `torch` keeps the weights, for engines that run the module itself.
    `build` makes the module at another width than the published one, for tests; its keys are then the expected ones.
    """
    source = _sha256(checkpoint) if checkpoint.is_file() else ""
    made_from = {"family": family, "checkpoint": source, "precision": precision, "engine": engine, **({"size": "small"} if build else {})}
    if source and _is_made_from(out, made_from):
        return f"{out}: is made from this checkpoint already"
    module = _module(family, checkpoint, build, say).to(PRECISIONS[precision])
    out.mkdir(parents=True, exist_ok=True)
    if FAMILIES[family].role == "text":
        write_tokenizer(tokenizer, out / "tokenizer.json", FACTS[family].get("padding"))
    plans = graph_plans(module)
    if engine == "torch":
        write_tensors(out / WEIGHTS, module.state_dict(), progress)
        graphs, signatures, proof = {plan.name: WEIGHTS for plan in plans}, {plan.name: signature(plan) for plan in plans}, {}
    else:
        module = module.float() if precision == "bf16" else module  # convolutions of ONNX know no bfloat16 up to opset 21
        difference = _write_graphs(module, plans, out, precision, progress)
        graphs, signatures, proof = {plan.name: plan.file for plan in plans}, None, {"largestDifference": difference}
    facts, role = FACTS[family], FAMILIES[family].role
    sources = {"licence": facts["licence"], "source": facts["source"], "signatures": signatures}
    package = Package(out.name, role, VERSION, graphs, made_from | proof, facts["fields"], root=out.parent, path=out, **sources)
    write_manifest(package, for_git=False)
    compared = f"graph and torch differ by {proof['largestDifference']:.1e} of the largest value" if proof else "weights for the torch engine"
    return f"{out}: {role}, {precision}; {compared}\nlicence: {facts['licence']}"


def _module(family: str, checkpoint: Path, build: Callable[[], nn.Module] | None, say: Callable[[str], None]) -> nn.Module:
    """The family's module with the tensors of the checkpoint, which stay in the file until they are used."""
    state = FAMILIES[family].merge(read_checkpoint(checkpoint))
    with torch.device("meta"):
        module = (build or FAMILIES[family].public)()
    check_keys(state, module.state_dict() if build else FAMILIES[family].merge(*map(published, FAMILIES[family].checkpoints)), str(checkpoint))
    say(f"{checkpoint}: {len(state)} tensors, all as published")
    module.load_state_dict(state, assign=True)
    return module.eval().requires_grad_(False)


def _write_graphs(module: nn.Module, plans: list[GraphPlan], out: Path, precision: str, progress: Callable[[int, int], None]) -> float:
    """Write every graph and compare it with torch; gives the largest difference, and leaves the module without weights."""
    for plan in plans:
        write_graph(plan, out, progress, store_bfloat=precision == "bf16")
    expected = [torch_result(plan) for plan in plans]
    module.to("meta")  # the graphs hold the weights now, and two copies would need twice the memory
    difference = max(largest_difference(plan, result, out) for plan, result in zip(plans, expected, strict=True))
    if not difference < _TOLERANCE[precision]:
        raise CheckpointError(f"{out}: the graph differs from torch by {difference:.1e} of the largest value; at most {_TOLERANCE[precision]:.0e}")
    return difference


def _is_made_from(out: Path, made_from: dict[str, str]) -> bool:
    try:
        provenance = json.loads((out / "model.json").read_text())["provenance"]
    except (OSError, ValueError, KeyError):
        return False
    return all(provenance.get(name) == value for name, value in made_from.items())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
