"""From checkpoints to package, step by step."""

import gc
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import nn

from modeling.convert import clip_tokenizer, t5_tokenizer
from modeling.convert.checkpoint import CheckpointError, check_keys, read_checkpoint, shards
from modeling.convert.components import COMPONENTS, Component, files_of, tokenizer_of
from modeling.convert.facts import FACTS
from modeling.convert.graph import GraphPlan, largest_difference, signature, torch_result, write_graph
from modeling.convert.plans import graph_plans
from modeling.convert.widened import widen_when_used
from modeling.convert.workshop import Workshop
from modeling.export.package import Package, write_manifest
from modeling.published.keys import published
from modeling.published.registry import FAMILIES
from modeling.torch_engine.packages import weights_file
from modeling.torch_engine.tensors import write_tensors

VERSION = "1.0.0"
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_TOLERANCE = {"fp32": 1e-3, "fp16": 5e-2, "bf16": 1e-3}  #: largest difference, as a share of the largest value, that is rounding


@dataclass(frozen=True)
class Conversion:
    """What to make of what.

    `files` are paths by the options of `components.FILES`; `tokenizer` is the folder with the text encoder's words. `engine`: `onnx` writes
    graphs; `torch` keeps the weights, for engines that run the module itself. `size` (width, height) takes the place of the size of training
    in the manifest. `build` makes modules, by family, at another width than the published one, for tests; their keys are then the expected ones.
    """

    family: str
    files: Mapping[str, Path]
    out: Path
    precision: str = "fp16"
    tokenizer: Path | None = None
    engine: str = "onnx"
    size: tuple[int, int] | None = None
    build: Mapping[str, Callable[[], nn.Module]] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The part that the package plays."""
        return FAMILIES[self.family].role

    def suffix(self, component: Component) -> str:
        """The precision of a component."""
        return "fp32" if component.whole and self.precision == "fp16" else self.precision


Progress = Callable[[int, int], None]
Say = Callable[[str], None]


def convert(conversion: Conversion, progress: Progress, say: Say) -> str:
    """Write the package; gives a line about it. A package of the same files and precision is left as it is.

    `progress` hears (tensors written, of how many). @raises CheckpointError saying what is wrong with a file.
    """
    family, out = conversion.family, conversion.out
    if conversion.precision == "fp16" and all(component.whole for component in COMPONENTS[family]):
        conversion = replace(conversion, precision="fp32")
    _check_files(conversion)
    made_from = _made_from(conversion)
    if _is_made_from(out, made_from):
        return f"{out}: is made from these files already"
    fields = _fields(conversion)
    shop = Workshop(out, made_from)
    _write_tokenizer(conversion, shop.folder)  # first: what takes minutes follows
    graphs: dict[str, str] = {}
    signatures: dict[str, dict] = {}
    difference = None
    for component in COMPONENTS[family]:
        facts = shop.find(component.family)
        if facts is None:
            facts = _make(component, conversion, shop.folder, progress, say)
            shop.record(component.family, facts.pop("files"), facts)
        else:
            say(f"{component.family}: was converted before the last conversion ended")
        graphs |= facts["graphs"]
        signatures |= facts["signatures"]
        if facts["difference"] is not None:
            difference = max(difference or 0.0, facts["difference"])
    proof = {} if difference is None else {"largestDifference": difference}
    about = {"licence": FACTS[family]["licence"], "source": FACTS[family]["source"], "signatures": signatures or None}
    package = Package(out.name, conversion.role, VERSION, graphs, made_from | proof, fields, root=out.parent, path=shop.folder, **about)
    write_manifest(package, for_git=False)
    shop.finish()
    compared = "weights for the torch engine" if difference is None else f"graph and torch differ by {difference:.1e} of the largest value"
    return f"{out}: {conversion.role}, {conversion.precision}; {compared}\nlicence: {FACTS[family]['licence']}"


def _check_files(conversion: Conversion) -> None:
    needed = files_of(conversion.family)
    missing = [f"--{name}" for name in needed if name not in conversion.files]
    spare = [f"--{name}" for name in conversion.files if name not in needed]
    if missing or spare:
        wrong = [f"needs {', '.join(missing)} too"] * bool(missing) + [f"has no use for {', '.join(spare)}"] * bool(spare)
        raise CheckpointError(f"a package of {conversion.family} {' and '.join(wrong)}; docs/gpu.md has the commands")


def _made_from(conversion: Conversion) -> dict:
    """What decides the files of the package."""
    first, *others = files_of(conversion.family)
    made_from = {"family": conversion.family, first: _sha256(conversion.files[first])}
    made_from |= {name: _sha256(conversion.files[name]) for name in others}
    made_from |= {"precision": conversion.precision, "engine": conversion.engine}
    if conversion.size is not None:
        made_from["native"] = "x".join(map(str, conversion.size))
    return made_from | ({"size": "small"} if conversion.build else {})


def _fields(conversion: Conversion) -> dict:
    """What the manifest says beyond files and graphs."""
    fields = FACTS[conversion.family]["fields"]
    if conversion.build or conversion.precision != "fp32":
        fields = {name: value for name, value in fields.items() if name not in ("leaderboard", "model")}  # other numbers than the published ones
    if conversion.size is None:
        return fields
    if "native" not in fields:
        raise CheckpointError(f"--size: a package of {conversion.family} has no size of its own; leave it out")
    side = fields["latent"]["downscale"]
    for name, length in zip(("width", "height"), conversion.size, strict=True):
        if length % side:
            less = length // side * side
            raise CheckpointError(f"--size: the {name} {length} is no multiple of {side}; take {less} or {less + side}")
    return {**fields, "native": {**fields["native"], "width": conversion.size[0], "height": conversion.size[1]}}


def _make(component: Component, conversion: Conversion, folder: Path, progress: Progress, say: Say) -> dict:
    """Convert one module; gives its graphs' files and signatures, the files that were written, and by how much graphs differ from torch."""
    precision = conversion.suffix(component)
    module = _module(component, conversion, say).to(PRECISIONS[precision])
    plans = {component.graph_name(plan.name): plan for plan in graph_plans(module)}
    plans = {name: plan for name, plan in plans.items() if name is not None}
    if conversion.engine == "torch":
        file = weights_file(component.family, conversion.family)
        write_tensors(folder / file, module.state_dict(), progress)
        signatures = {name: signature(plan) for name, plan in plans.items()}
        return {"graphs": dict.fromkeys(plans, file), "signatures": signatures, "files": [file], "difference": None}
    widen_when_used(module)  # convolutions of ONNX know no bfloat16 up to opset 21
    plans = [plan.named(name) for name, plan in plans.items()]
    difference = _write_graphs(module, plans, folder, precision, progress)
    files = [name for plan in plans for name in (plan.file, f"{plan.file}.data")]
    return {"graphs": {plan.name: plan.file for plan in plans}, "signatures": {}, "files": files, "difference": difference}


def _module(component: Component, conversion: Conversion, say: Say) -> nn.Module:
    """The family's module with the tensors of its checkpoints, which stay in the files until they are used."""
    family = FAMILIES[component.family]
    paths = [conversion.files[name] for name in component.files]
    what = " and ".join(map(str, paths))
    state = family.merge(*map(read_checkpoint, paths))
    build = conversion.build.get(component.family)
    with torch.device("meta"):
        module = (build or family.public)()
    check_keys(state, module.state_dict() if build else family.merge(*map(published, family.checkpoints)), f"{what}, as {component.family},")
    say(f"{what}: {len(state)} tensors, all as published")
    module.load_state_dict(state, assign=True)
    return module.eval().requires_grad_(False)


def _write_graphs(module: nn.Module, plans: list[GraphPlan], folder: Path, precision: str, progress: Progress) -> float:
    """Write every graph and compare it with torch; gives the largest difference, and leaves the module without weights."""
    for plan in plans:
        write_graph(plan, folder, progress)
    expected = [torch_result(plan) for plan in plans]
    module.to("meta")  # the graphs hold the weights now, and two copies would need twice the memory
    gc.collect()  # what the exporter made of the module refers to itself
    difference = max(largest_difference(plan, result, folder, precision == "fp16") for plan, result in zip(plans, expected, strict=True))
    if not difference < _TOLERANCE[precision]:
        raise CheckpointError(f"{folder}: the graph differs from torch by {difference:.1e} of the largest value; at most {_TOLERANCE[precision]:.0e}")
    return difference


def _write_tokenizer(conversion: Conversion, folder: Path) -> None:
    component = tokenizer_of(conversion.family)
    if component is None:
        return
    if component.tokenizer == "t5":
        t5_tokenizer.write_tokenizer(conversion.tokenizer, folder / "tokenizer.json")
    else:
        clip_tokenizer.write_tokenizer(conversion.tokenizer, folder / "tokenizer.json", component.padding)


def _is_made_from(out: Path, made_from: dict) -> bool:
    try:
        provenance = json.loads((out / "model.json").read_text())["provenance"]
    except (OSError, ValueError, KeyError):
        return False
    return all(provenance.get(name) == value for name, value in made_from.items())


def _sha256(path: Path) -> str:
    """Of a file, or of one in several files of all of them in turn."""
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; give the path of the downloaded checkpoint")
    parts = [path, *shards(path)]
    digests = []
    for part in parts:
        with part.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
