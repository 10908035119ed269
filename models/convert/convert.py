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
from models.convert.graph import largest_difference, write_graph
from models.convert.plans import graph_plans
from models.export.package import Package, write_manifest
from models.families.keys import published
from models.families.registry import FAMILIES

VERSION = "1.0.0"
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16}
_TOLERANCE = {"fp32": 1e-3, "fp16": 5e-2}  #: largest difference, as a share of the largest value, that is rounding


def convert(
    family: str,
    checkpoint: Path,
    out: Path,
    precision: str,
    progress: Callable[[int, int], None],
    say: Callable[[str], None],
    tokenizer: Path | None = None,
    build: Callable[[], nn.Module] | None = None,
) -> str:
    """Write the package of `family` to `out`; gives a line about it. A package of the same file and precision is left as it is.

    `tokenizer`: the folder with `vocab.json` and `merges.txt`, for text encoders.
    `build` makes the module at another width than the published one, for tests; its keys are then the expected ones.
    """
    source = _sha256(checkpoint) if checkpoint.is_file() else ""
    made_from = {"family": family, "checkpoint": source, "precision": precision}
    if source and _is_made_from(out, made_from):
        return f"{out}: is made from this checkpoint already"
    state = FAMILIES[family].merge(read_checkpoint(checkpoint))
    with torch.device("meta"):
        module = (build or FAMILIES[family].public)()
    check_keys(state, module.state_dict() if build else published(family), str(checkpoint))
    say(f"{checkpoint}: {len(state)} tensors, all as published")
    module.load_state_dict(state, assign=True)
    del state
    module = module.to(PRECISIONS[precision]).eval().requires_grad_(False)
    out.mkdir(parents=True, exist_ok=True)
    if FAMILIES[family].role == "text":
        write_tokenizer(tokenizer, out / "tokenizer.json")
    plans = graph_plans(module)
    difference = 0.0
    for plan in plans:
        write_graph(plan, out, progress)
        difference = max(difference, largest_difference(plan, out))
    if not difference < _TOLERANCE[precision]:
        raise CheckpointError(f"{out}: the graph differs from torch by {difference:.1e} of the largest value; at most {_TOLERANCE[precision]:.0e}")
    facts = FACTS[family]
    package = Package(
        out.name,
        FAMILIES[family].role,
        VERSION,
        {plan.name: plan.file for plan in plans},
        {**made_from, "largestDifference": difference},
        facts["fields"],
        root=out.parent,
        licence=facts["licence"],
        source=facts["source"],
        path=out,
    )
    write_manifest(package, for_git=False)
    return (
        f"{out}: {FAMILIES[family].role}, {precision}; graph and torch differ by {difference:.1e} of the largest value\nlicence: {facts['licence']}"
    )


def _is_made_from(out: Path, made_from: dict[str, str]) -> bool:
    try:
        provenance = json.loads((out / "model.json").read_text())["provenance"]
    except (OSError, ValueError, KeyError):
        return False
    return all(provenance.get(name) == value for name, value in made_from.items())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
