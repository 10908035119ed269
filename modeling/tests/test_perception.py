"""Published perception models become packages that say what they are on the leaderboard, and a wrong checkpoint is told by its keys."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from modeling.convert.checkpoint_error import CheckpointError
from modeling.convert.components import COMPONENTS, files_of
from modeling.convert.convert import Conversion, convert
from modeling.convert.graph import largest_difference, torch_result, write_graph
from modeling.convert.plans import graph_plans
from modeling.export.kernels import operators, without_cuda_kernel
from modeling.goldens.seeded import fill
from modeling.published.keys import published
from modeling.published.registry import FAMILIES

State = dict[str, torch.Tensor]
PERCEPTION = ("dino-vitb16", "clip-vitb32", "clip-vitl14-aesthetic", "musiq-spaq", "owlv2-base")


def checkpoints(family: str, folder: Path) -> dict[str, Path]:
    """The files of a family at small width, with the keys that the published ones have."""
    state = fill(FAMILIES[family].small()).state_dict()
    head = {key.removeprefix("head."): tensor for key, tensor in state.items() if key.startswith("head.")}
    first = {key: tensor for key, tensor in state.items() if family == "musiq-spaq" or not key.startswith("head.")}
    if family == "clip-vitb32":
        first |= fill(FAMILIES["clip-vitb32-text"].small()).state_dict()
    if family.startswith("clip"):
        first |= {"logit_scale": torch.zeros(()), "text_model.embeddings.position_ids": torch.arange(5)}  # nobody's
        first |= {"vision_model.embeddings.position_ids": torch.arange(5)}
    files = {}
    for name, tensors in zip(files_of(family), (first, head), strict=False):
        files[name] = folder / f"{name}.pth"
        torch.save(tensors, files[name])
    return files


def words(folder: Path) -> Path:
    """A small tokenizer as CLIP's was published."""
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({"!": 0, "a</w>": 1, "<|startoftext|>": 98, "<|endoftext|>": 99}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return folder


def converted(family: str, files: dict[str, Path], out: Path) -> dict:
    build = {component.family: FAMILIES[component.family].small for component in COMPONENTS[family]}
    convert(Conversion(family, files, out, tokenizer=words(out.parent / "words"), build=build), lambda *_: None, lambda _: None)
    return json.loads((out / "model.json").read_text())


@pytest.mark.parametrize("family", PERCEPTION)
def test_a_checkpoint_becomes_a_package(family: str, tmp_path: Path) -> None:
    manifest = converted(family, checkpoints(family, tmp_path), tmp_path / family)
    assert manifest["role"] == FAMILIES[family].role
    assert manifest["provenance"]["largestDifference"] < 1e-4
    assert manifest["provenance"]["precision"] == "fp32"
    assert not {"leaderboard", "model"} & set(manifest), "only the published width is the published model"
    assert manifest["view"]
    for graph in manifest["graphs"].values():
        assert without_cuda_kernel(tmp_path / family / graph["file"]) == []
        assert operators(tmp_path / family / graph["file"])["com.microsoft", "MultiHeadAttention"] > 0, "attention is not fused"


def test_the_clip_that_looks_reads_words_too(tmp_path: Path) -> None:
    manifest = converted("clip-vitb32", checkpoints("clip-vitb32", tmp_path), tmp_path / "clip")
    assert set(manifest["graphs"]) == {"image", "words"}
    assert [graph["outputs"][0]["name"] for graph in manifest["graphs"].values()] == ["features", "features"]
    assert Tokenizer.from_file(str(tmp_path / "clip" / "tokenizer.json")).encode("A").ids == [98, 1, 99]


def test_a_finder_reads_once_and_looks_often(tmp_path: Path) -> None:
    manifest = converted("owlv2-base", checkpoints("owlv2-base", tmp_path), tmp_path / "owl")
    ports = {name: [(port["name"], port["shape"]) for port in graph["inputs"]] for name, graph in manifest["graphs"].items()}
    assert ports == {"finder": [("frames", ["N", 3, 28, 28]), ("words", ["Q", 64])], "words": [("input_ids", ["B", "T"])]}
    assert [port["shape"] for port in manifest["graphs"]["finder"]["outputs"]] == [["N", 16, "4 + Q"]]
    assert manifest["context"]["tokens"] == 16 and (tmp_path / "owl" / "tokenizer.json").is_file()


def test_patches_look_first_at_their_own_corner() -> None:
    module = fill(FAMILIES["owlv2-base"].small())
    with torch.no_grad():
        for tensor in module.box_head.parameters():
            tensor.zero_()
        found = module.find(torch.zeros(1, 3, 28, 28), torch.ones(1, 64))[0, :, :4]
    assert torch.allclose(found[5], torch.tensor([0.5, 0.5, 0.25, 0.25]), atol=1e-3)
    assert torch.allclose(found[2, :2], torch.tensor([0.75, 0.25]), atol=1e-3)


def test_what_fills_a_sentence_up_is_not_read() -> None:
    module = fill(FAMILIES["clip-vitb32-text"].small())
    ids = torch.tensor([[98, 5, 7, 99, 0, 0, 0]])
    with torch.no_grad():
        whole, short, other = module(ids), module(ids[:, :4]), module(torch.tensor([[98, 7, 5, 99]]))
    assert (whole - short).abs().max() < 1e-6
    assert (other - short).abs().max() > 1e-3


def test_a_square_of_the_size_of_training_has_the_learnt_positions_in_the_graph_too(tmp_path: Path) -> None:
    (plan,) = graph_plans(fill(FAMILIES["dino-vitb16"].small()).requires_grad_(False))
    write_graph(plan, tmp_path, lambda *_: None)
    side = plan.module.config.side
    square = replace(plan, others={"frames": plan.inputs["frames"][..., :side, :side]})
    assert largest_difference(square, torch_result(square), tmp_path) < 1e-5


def flow_state() -> State:
    """RAFT as published: training wrapped the module, and norms of shortcuts have two names."""
    state = fill(FAMILIES["raft-things"].small()).state_dict()
    twins = {key.replace("downsample.1", "norm3"): tensor for key, tensor in state.items() if "downsample.1" in key}
    return {f"module.{key}": tensor for key, tensor in (state | twins).items()}


def test_the_flow_of_training_code_becomes_a_package(tmp_path: Path) -> None:
    state = flow_state()
    assert sorted(state) == sorted(f"module.{key}" for key in published("raft-things"))
    torch.save(state, tmp_path / "raft.pth")
    manifest = converted("raft-things", {"checkpoint": tmp_path / "raft.pth"}, tmp_path / "raft-things")
    assert manifest["provenance"]["largestDifference"] < 1e-4
    ports = {port["name"]: port["shape"] for port in manifest["graphs"]["flow"]["inputs"]}
    assert without_cuda_kernel(tmp_path / "raft-things" / "flow.onnx") == []
    assert ports == {"before": ["N", 3, "h", "w"], "after": ["N", 3, "h", "w"]}


@pytest.mark.parametrize("family", [*PERCEPTION, "raft-things"])
def test_a_wrong_checkpoint_is_told_by_its_keys(family: str, tmp_path: Path) -> None:
    files = {}
    for name, checkpoint in zip(files_of(family), FAMILIES[family].checkpoints, strict=True):
        state = {key: torch.empty(t.shape, dtype=t.dtype, device="meta") for key, t in published(checkpoint).items()}
        if name == "checkpoint":
            lost = next(key for key in state if key.endswith("weight"))
            state[f"{lost}s"] = state.pop(lost)
        files[name] = tmp_path / f"{name}.pth"
        torch.save({key: torch.zeros(()).expand(t.shape).to(t.dtype) for key, t in state.items()}, files[name])
    with pytest.raises(CheckpointError, match=f"1 missing, the first {lost}"):
        convert(Conversion(family, files, tmp_path / family, tokenizer=words(tmp_path / "words")), lambda *_: None, lambda _: None)
