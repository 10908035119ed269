"""From checkpoints to package, step by step."""

import gc
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from modeling.convert import clip_tokenizer, t5_tokenizer
from modeling.convert.checkpoint import check_finite, check_keys, read_checkpoint, shards
from modeling.convert.checkpoint_error import CheckpointError, first_line, unwritten
from modeling.convert.components import COMPONENTS, Component, files_of, tokenizer_of
from modeling.convert.facts import FACTS
from modeling.convert.graph import GraphPlan, difference_between, graph_result, signature, torch_result, write_graph
from modeling.convert.plans import graph_plans
from modeling.convert.widened import widen_when_used
from modeling.convert.workshop import Workshop
from modeling.export.package import Package, write_manifest
from modeling.published.keys import published
from modeling.published.registry import FAMILIES
from modeling.torch_engine.packages import weights_file, with_freeu
from modeling.torch_engine.tensors import read_tensors, write_tensors

VERSION = "1.0.0"
PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_TOLERANCE = {"fp32": 1e-3, "fp16": 5e-2, "bf16": 1e-3}  #: largest difference, as a share of the largest value, that is rounding


@dataclass(frozen=True)
class Conversion:
    """What to make of what.

    `files` are paths by the options of `components.FILES`; `tokenizer` is the folder with the text encoder's words. `engine`: `onnx` writes
    graphs; `torch` keeps the weights, for engines that run the module itself. `size` (width, height) takes the place of the size of training
    in the manifest. `freeu` is the version of FreeU in a U-Net. `build` makes modules, by family, at another width than the published one, for
    tests; their keys are then the expected ones.
    """

    family: str
    files: Mapping[str, Path]
    out: Path
    precision: str = "fp16"
    tokenizer: Path | None = None
    engine: str = "onnx"
    size: tuple[int, int] | None = None
    freeu: int = 2
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
    for component in COMPONENTS[family]:
        _state(component, conversion)  # what is wrong with a file is said before anything is written
    shop = Workshop(out, made_from)
    try:
        graphs, signatures, difference = _fill(shop, conversion, progress, say)
        proof = {"largestDifference": difference}
        about = {"licence": FACTS[family]["licence"], "source": FACTS[family]["source"], "signatures": signatures or None}
        package = Package(out.name, conversion.role, VERSION, graphs, made_from | proof, fields, root=out.parent, path=shop.folder, **about)
        write_manifest(package, for_git=False)
        shop.finish()
    except CheckpointError:
        shop.leave_nothing()
        raise
    except OSError as error:
        shop.leave_nothing()
        raise CheckpointError(unwritten(out, error)) from error
    what = "graph" if conversion.engine == "onnx" else "the written weights"
    compared = f"{what} and torch differ by {difference:.1e} of the largest value"
    return f"{out}: {conversion.role}, {conversion.precision}; {compared}\nlicence: {FACTS[family]['licence']}"


def _fill(shop: Workshop, conversion: Conversion, progress: Progress, say: Say) -> tuple[dict[str, str], dict[str, dict], float]:
    """Puts every module into the folder; gives the files and signatures of graphs, and the largest difference."""
    _write_tokenizer(conversion, shop.folder)  # first: what takes minutes follows
    graphs: dict[str, str] = {}
    signatures: dict[str, dict] = {}
    differences = []
    for component in COMPONENTS[conversion.family]:
        facts = shop.find(component.family)
        if facts is None or facts["difference"] is None:
            facts = _make(component, conversion, shop.folder, progress, say)
            shop.record(component.family, facts.pop("files"), facts)
        else:
            say(f"{component.family}: was converted before the last conversion ended")
        graphs |= facts["graphs"]
        signatures |= facts["signatures"]
        differences.append(facts["difference"])
    return graphs, signatures, max(differences)


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
    if conversion.freeu != 2:
        made_from["freeu"] = conversion.freeu
    return made_from | ({"size": "small"} if conversion.build else {})


def _fields(conversion: Conversion) -> dict:
    """What the manifest says beyond files and graphs."""
    fields = FACTS[conversion.family]["fields"]
    if conversion.freeu != 2 and not fields.get("freeu"):
        raise CheckpointError(f"--freeu: a package of {conversion.family} has no FreeU; leave it out")
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
    kind = PRECISIONS[precision]
    module = _module(component, conversion, say).to(kind)
    check_finite(module.state_dict(), f"{component.family} in {precision}")
    plans = _plans(component, module)
    if conversion.engine == "torch":
        file = weights_file(component.family, conversion.family)
        write_tensors(folder / file, module.state_dict(), progress)
        signatures = {name: signature(plan) for name, plan in plans.items()}
        written = _empty(component, conversion)
        written.load_state_dict(read_tensors(folder / file), assign=True)
        written.eval().requires_grad_(False)
        again = _plans(component, written)
        difference = _largest(
            [(plan.named(name), torch_result(plan), torch_result(again[name])) for name, plan in plans.items()], folder, precision
        )
        return {"graphs": dict.fromkeys(plans, file), "signatures": signatures, "files": [file], "difference": difference}
    widen_when_used(module)  # convolutions of ONNX know no bfloat16 up to opset 21
    plans = [plan.named(name) for name, plan in plans.items()]
    difference = _write_graphs(module, plans, folder, precision, progress)
    files = [name for plan in plans for name in (plan.file, f"{plan.file}.data")]
    return {"graphs": {plan.name: plan.file for plan in plans}, "signatures": {}, "files": files, "difference": difference}


def _plans(component: Component, module: nn.Module) -> dict[str, GraphPlan]:
    """The graphs that the package takes, by the names they get there."""
    plans = {component.graph_name(plan.name): plan for plan in graph_plans(module)}
    return {name: plan for name, plan in plans.items() if name is not None}


def _empty(component: Component, conversion: Conversion) -> nn.Module:
    """The family's module without numbers."""
    with torch.device("meta"):
        return with_freeu((conversion.build.get(component.family) or FAMILIES[component.family].public)(), conversion.freeu)


def _state(component: Component, conversion: Conversion) -> Mapping[str, torch.Tensor]:
    """The module's tensors, checked; they stay in the files until they are used."""
    family = FAMILIES[component.family]
    read = [read_checkpoint(conversion.files[name]) for name in component.files]
    what = f"{_names(component, conversion)}, as {component.family},"
    try:
        state = family.merge(*read)
    except (KeyError, ValueError, AttributeError, RuntimeError, IndexError) as error:
        raise CheckpointError(f"{what} does not fit ({type(error).__name__}: {first_line(error)}); is it of another family or version?") from error
    build = component.family in conversion.build
    expected = _empty(component, conversion).state_dict() if build else family.merge(*map(published, family.checkpoints))
    check_keys(state, expected, what)
    return state


def _names(component: Component, conversion: Conversion) -> str:
    return " and ".join(str(conversion.files[name]) for name in component.files)


def _module(component: Component, conversion: Conversion, say: Say) -> nn.Module:
    """The family's module with the tensors of its checkpoints."""
    state, module = _state(component, conversion), _empty(component, conversion)
    say(f"{_names(component, conversion)}: {len(state)} tensors, all as published")
    module.load_state_dict(state, assign=True)
    return module.eval().requires_grad_(False)


def _write_graphs(module: nn.Module, plans: list[GraphPlan], folder: Path, precision: str, progress: Progress) -> float:
    """Write every graph and compare it with torch; gives the largest difference, and leaves the module without weights."""
    for plan in plans:
        write_graph(plan, folder, progress)
    expected = [torch_result(plan) for plan in plans]
    module.to("meta")  # the graphs hold the weights now, and two copies would need twice the memory
    gc.collect()  # what the exporter made of the module refers to itself
    made = ((plan, result, graph_result(plan, folder, precision == "fp16")) for plan, result in zip(plans, expected, strict=True))
    return _largest(made, folder, precision)


def _largest(compared: Iterable[tuple[GraphPlan, np.ndarray, np.ndarray]], folder: Path, precision: str) -> float:
    """The largest difference of all graphs, each of which must be close by itself. @raises CheckpointError when one is not."""
    differences = []
    for plan, expected, made in compared:
        difference = difference_between(plan, expected, made)
        if not difference < _TOLERANCE[precision]:
            most = f"{_TOLERANCE[precision]:.0e}"
            raise CheckpointError(f"{folder.name}: {plan.name} differs from torch by {difference:.1e} of the largest value; at most {most}")
        differences.append(difference)
    return max(differences)


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
        try:
            with part.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise CheckpointError(f"{part}: cannot be read ({error.strerror})") from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
