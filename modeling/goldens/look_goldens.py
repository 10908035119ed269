"""Write how frames come to the models of VBench, and small packages that look: `eval/perception/goldens/views.json` and
`test/stage/fixtures/small-perception/`.

python -m modeling.goldens.look_goldens, in the environment of `requirements-public.txt`

The transforms are those of Vchitect/VBench@45e79ec, `vbench/utils.py` and `vbench/imaging_quality.py`, by torchvision; the scores are its
formulas, in torch. Features and beauty come from the published networks at small width; image quality and flow from networks of a few numbers,
for the small ones of theirs have megabytes.
"""

import json
import shutil
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory

import onnx
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn
from torchvision.ops import batched_nms, box_convert
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize
from transformers import Owlv2ImageProcessor

from modeling.convert.clip_tokenizer import END, START, write_tokenizer
from modeling.convert.graph import GraphPlan, write_graph
from modeling.convert.plans import graph_plans
from modeling.export.package import Package, write_manifest
from modeling.goldens.family_cases import at_longer_side
from modeling.goldens.seeded import fill
from modeling.published.registry import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
VIEWS = ROOT / "eval" / "perception" / "goldens" / "views.json"
PACKAGES = ROOT / "test" / "stage" / "fixtures" / "small-perception"
EVERY = 97  #: of the numbers of a view, one is written down
SIDE, SQUARE, PATCH, SMALL, LARGE, CELL = 32, 28, 16, 24, 48, 8
FRAMES = 9
SEARCHED, SEARCHED_SMALL = 64, 28  #: sides of squares: frames of the views are smaller and larger; the small finder
FIND = {"prompt": "a {}", "certainty": 0.44, "overlap": 0.3}
NAMES = ("ball", "boat")
WORDS, TOKENS, STYLE = 100, 16, "oil painting"


def clip(count: int, width: int, height: int) -> Tensor:
    """Bytes `[F, 3, H, W]` by a rule that the tests have too."""
    frame, channel, y, x = torch.meshgrid(*map(torch.arange, (count, 3, height, width)), indexing="ij")
    return ((x * (y + 3 * frame) + 5 * x * x + 90 * channel + 11 * y * frame) // 16 % 256).to(torch.uint8)


def floats(frames: Tensor) -> Tensor:
    return frames.float() / 127.5 - 1


def shorter(frames: Tensor) -> Tensor:
    return floats(Resize(SIDE, antialias=False)(frames))


def square(frames: Tensor) -> Tensor:
    return floats(Compose([Resize(SQUARE, interpolation=InterpolationMode.BICUBIC, antialias=False), CenterCrop(SQUARE)])(frames))


def judged(frames: Tensor) -> dict[str, Tensor]:
    height, width = frames.shape[2:]
    if max(height, width) > 512:
        scale = 512.0 / max(height, width)
        frames = Resize((int(scale * height), int(scale * width)), antialias=False)(frames)
    whole = floats(frames)
    return {"frames": at_longer_side(whole, None, PATCH), **{n: at_longer_side(whole, s, PATCH) for n, s in (("small", SMALL), ("large", LARGE))}}


def padded(frames: Tensor) -> Tensor:
    rows, columns = (-side % CELL for side in frames.shape[2:])
    return F.pad(floats(frames), (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2), mode="replicate")


def searched(frames: Tensor, side: int) -> Tensor:
    """As transformers' processor gives them to OWLv2, but before the mean and deviation of CLIP's pictures."""
    processor = Owlv2ImageProcessor(size={"height": side, "width": side}, do_normalize=False)
    return processor(list(frames), return_tensors="pt")["pixel_values"] * 2 - 1


class Quality(nn.Module):
    """A number per frame in which each of the three sizes counts in its own way."""

    def forward(self, frames: Tensor, small: Tensor, large: Tensor) -> Tensor:
        mean, rough, light = frames.mean((1, 2, 3)), small.square().mean((1, 2, 3)), large.abs().mean((1, 2, 3))
        return 50 + 20 * mean - 10 * rough + 5 * light


class Flow(nn.Module):
    """How much lighter a pixel became, as motion to the right; how much darker its neighbourhood, as motion down."""

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        lighter = (after - before).mean(1, keepdim=True) * 20
        return torch.cat([lighter, -F.avg_pool2d(lighter, 3, 1, 1)], 1)


def consistency(features: Tensor) -> float:
    unit = F.normalize(features, dim=-1)
    return float(sum((max(0, unit[k] @ unit[k - 1]) + max(0, unit[k] @ unit[0])) / 2 for k in range(1, len(unit))) / (len(unit) - 1))


def write_words(folder: Path) -> Tokenizer:
    """A tokenizer of letters, as CLIP's was published: its end token has the highest id, and 0 fills sentences up."""
    ends = {"!": 0, START: WORDS - 2, END: WORDS - 1}
    letters = [letter + end for letter in ascii_lowercase for end in ("", "</w>")]
    with TemporaryDirectory() as published:
        (Path(published) / "vocab.json").write_text(json.dumps(ends | {letter: k for k, letter in enumerate(letters, 1)}))
        (Path(published) / "merges.txt").write_text("#version: 0.2\n")
        write_tokenizer(Path(published), folder / "tokenizer.json", "!")
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _plans() -> dict[str, tuple[tuple[GraphPlan, ...], dict]]:
    """The graphs of each role, the one that looks first, and the fields of its manifest."""

    def family(*names: str) -> tuple[GraphPlan, ...]:
        return tuple(plan for name in names for plan in graph_plans(fill(FAMILIES[name].small()).requires_grad_(False)))

    sizes = {"frames": torch.zeros(2, 3, 32, 48), "small": torch.zeros(2, 3, 16, 32), "large": torch.zeros(2, 3, 48, 64)}
    axes = {name: {0: "N", 2: f"{name} h", 3: f"{name} w"} for name in sizes}
    pair, pair_axes = {name: torch.zeros(2, 3, 24, 16) for name in ("before", "after")}, {0: "N", 2: "h", 3: "w"}
    squares = {"view": {"shorter": SQUARE, "filter": "bicubic", "square": True}}
    return {
        "features": (family("dino-vitb16"), {"leaderboard": "DINO ViT-B/16", "view": {"shorter": SIDE, "filter": "bilinear"}}),
        "image-text": (family("clip-vitb32", "clip-vitb32-text"), {**squares, "context": {"width": 24, "tokens": TOKENS}}),
        "aesthetic": (family("clip-vitl14-aesthetic"), squares),
        "finder": (
            family("owlv2-base"),
            {"model": "OWLv2 small", "view": {"square": SEARCHED_SMALL}, "find": FIND, "context": {"width": 64, "tokens": TOKENS}},
        ),
        "imaging": (
            (GraphPlan("imaging", Quality(), sizes, sizes, axes, ("scores", ("N",))),),
            {"view": {"small": SMALL, "large": LARGE, "patch": PATCH}},
        ),
        "flow": (
            (GraphPlan("flow", Flow(), pair, pair, dict.fromkeys(pair, pair_axes), ("flow", ("N", 2, "h", "w"))),),
            {"view": {"multiple": CELL}},
        ),
    }


def _found(patches: Tensor) -> list[dict]:
    """What transformers' `post_process_object_detection` keeps of a frame that is 60 pixels wide, without doubles."""
    logits, names = patches[:, 4:].max(-1)
    scores, boxes = logits.sigmoid(), box_convert(patches[:, :4], "cxcywh", "xyxy") * 60
    there = (scores > FIND["certainty"]).nonzero().squeeze(-1)
    kept = there[batched_nms(boxes[there], scores[there], names[there], FIND["overlap"])]
    return [{"name": NAMES[int(names[k])], "certainty": round(float(scores[k]), 5), "box": [round(x, 3) for x in boxes[k].tolist()]} for k in kept]


def _write(plan: GraphPlan, folder: Path) -> None:
    """One file, without what the exporter notes of the lines behind each node."""
    write_graph(plan, folder, lambda *_: None)
    model = onnx.load(folder / plan.file)
    for noted in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.functions):
        del noted.metadata_props[:]
        noted.doc_string = ""
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, folder / plan.file)
    (folder / f"{plan.file}.data").unlink(missing_ok=True)


@torch.no_grad()
def main() -> None:
    views = {}
    for name, (width, height) in {"wide": (60, 40), "tall": (37, 90), "long": (600, 24)}.items():
        frames = clip(2, width, height)
        made = {"shorter": shorter(frames), "square": square(frames), **judged(frames), "flow": padded(frames[:1])}
        made["search"] = searched(frames[:1], SEARCHED)
        listed = {key: {"shape": list(v.shape), "every": v.flatten()[::EVERY].double().mul(1e5).round().div(1e5).tolist()} for key, v in made.items()}
        views[name] = {"width": width, "height": height, "views": listed}
    VIEWS.parent.mkdir(exist_ok=True)
    VIEWS.write_text(json.dumps({"every": EVERY, "cases": views}) + "\n")

    plans = _plans()
    for role, (graphs, fields) in plans.items():
        shutil.rmtree(PACKAGES / role, ignore_errors=True)
        for plan in graphs:
            _write(plan, PACKAGES / role)
        if "context" in fields:
            words = write_words(PACKAGES / role)
        about = {"licence": "Apache-2.0", "source": "modeling/goldens/look_goldens.py", "path": PACKAGES / role}
        write_manifest(Package(f"small-{role}", role, "1", {plan.name: plan.file for plan in graphs}, {}, fields, **about))

    def run(role: str, **inputs: Tensor) -> Tensor:
        return plans[role][0][0].module.eval()(**inputs)

    def read(role: str, text: str) -> Tensor:
        ids = words.encode(text).ids
        return plans[role][0][1].module.eval()(torch.tensor([ids + [0] * (TOKENS - len(ids))]))

    frames = clip(FRAMES, 60, 40)
    flow = run("flow", before=padded(frames[:1]), after=padded(frames[1:2])).square().sum(1).sqrt().flatten()
    sentences = torch.cat([read("finder", FIND["prompt"].format(name)) for name in NAMES])
    found = [_found(each) for each in run("finder", frames=searched(frames, SEARCHED_SMALL), words=sentences)]
    expected = {
        "subject_consistency": consistency(run("features", frames=shorter(frames))),
        "background_consistency": consistency(run("image-text", frames=square(frames))),
        "appearance_style": float(F.cosine_similarity(run("image-text", frames=square(frames)), read("image-text", STYLE)).mean()),
        "aesthetic_quality": float(run("aesthetic", frames=square(frames)).mean() / 10),
        "imaging_quality": float(run("imaging", **judged(frames)).mean() / 100),
        "flow": float(flow.sort(descending=True).values[: int(len(flow) * 0.05)].mean()),
    }
    about = {"frames": FRAMES, "width": 60, "height": 40, "style": STYLE, "names": NAMES, "found": found}
    (PACKAGES / "expected.json").write_text(json.dumps({**about, "scores": expected}, indent=2) + "\n")
    print(json.dumps(expected, indent=2))


if __name__ == "__main__":
    main()
