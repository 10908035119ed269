"""The manifests of the published families without their weights, for tests of plans and scripts: `python -m modeling.goldens.published_manifests`.

Writes `test/fixtures/published/packages/<family>/model.json`: what `shotline models convert` writes beside the files (`convert/facts.py`),
with graphs as the modules of published width have them, and no file: each is listed with no bytes. Modules are built on the meta device.
"""

import hashlib
import json
from pathlib import Path

import torch

from modeling.convert.components import COMPONENTS
from modeling.convert.convert import VERSION
from modeling.convert.facts import FACTS
from modeling.convert.graph import signature
from modeling.convert.plans import graph_plans
from modeling.published.registry import FAMILIES

TARGET = Path(__file__).resolve().parents[2] / "test/fixtures/published/packages"
SETS = ("sd14-text", "sd14-vae", "svd-vae", "lavie-base", "lavie-interpolation", "lavie-vsr", "seine", "latte", "videobooth", "venhancer")
_EMPTY = hashlib.sha256(b"").hexdigest()


def graphs(family: str) -> dict[str, dict]:
    """Each graph's file, inputs and outputs."""
    made = {}
    for component in COMPONENTS[family]:
        with torch.device("meta"):
            module = FAMILIES[component.family].public()
        for plan in graph_plans(module):
            name = component.graph_name(plan.name)
            if name is not None:
                made[name] = {"file": f"{name}.onnx", **signature(plan)}
    return made


def manifest(family: str) -> dict:
    made, facts = graphs(family), FACTS[family]
    tokenizer = ["tokenizer.json"] * any(component.tokenizer for component in COMPONENTS[family])
    files = [*tokenizer, *(graph["file"] for graph in made.values())]
    return {
        "format": 1,
        "name": family,
        "version": VERSION,
        "role": FAMILIES[family].role,
        "licence": facts["licence"],
        "source": facts["source"],
        "files": [{"path": file, "bytes": 0, "sha256": _EMPTY} for file in files],
        "graphs": made,
        **facts["fields"],
    }


def main() -> None:
    for family in SETS:
        folder = TARGET / family
        folder.mkdir(parents=True, exist_ok=True)
        content = manifest(family)
        (folder / "model.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        for file in content["files"]:
            (folder / file["path"]).write_bytes(b"")


if __name__ == "__main__":
    main()
