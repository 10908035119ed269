"""A checkpoint becomes a package that computes what torch computes, and a wrong one is told from a right one by its keys."""

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx_ir
import pytest
import torch
from tokenizers import Tokenizer
from torch import nn

from modeling.convert.__main__ import main
from modeling.convert.checkpoint import check_keys, read_checkpoint
from modeling.convert.checkpoint_error import CheckpointError
from modeling.convert.components import COMPONENTS
from modeling.convert.convert import Conversion, convert
from modeling.convert.graph import largest_difference, torch_result, write_graph
from modeling.convert.plans import graph_plans
from modeling.convert.sets import words_about
from modeling.convert.widened import widen_when_used
from modeling.export.kernels import operators, without_cuda_kernel
from modeling.goldens.seeded import fill
from modeling.published.registry import FAMILIES
from modeling.published.video_unet import VideoUnet, VideoUnetConfig
from modeling.torch_engine.__main__ import Engine
from modeling.torch_engine.tensors import read_tensors, write_tensors

State = dict[str, torch.Tensor]
TINY = VideoUnetConfig(
    widths=(32, 32, 32, 64), attention=(True, False, False, False), heads=1, context_width=24, layers=1
)  #: all four levels, whose sizes must stay free


TWO_LEVELS = replace(TINY, widths=(32, 64), attention=(True, False), only_words=(False, False))  #: traced in half the time


def make(checkpoint: Path, out: Path, precision: str = "fp32", config: VideoUnetConfig = TINY) -> tuple[str, list[str]]:
    lines: list[str] = []
    build = {"lavie-base": lambda: VideoUnet(config)}
    return convert(Conversion("lavie-base", {"checkpoint": checkpoint}, out, precision, build=build), lambda *_: None, lines.append), lines


def small(family: str) -> dict[str, Callable[[], nn.Module]]:
    """How the modules of a package are built at small width."""
    return {component.family: FAMILIES[component.family].small for component in COMPONENTS[family]}


def saved(module: nn.Module, path: Path) -> Path:
    """A checkpoint of a module, with weights that follow from its keys."""
    torch.save(fill(module).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def state() -> State:
    return fill(VideoUnet(TINY)).state_dict()


@pytest.fixture(scope="module")
def checkpoint(state: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "base.pt"
    torch.save({"ema": {f"module.{key}": tensor for key, tensor in state.items()}, "opt": {"step": 3}}, path)
    return path


def test_the_graph_of_a_nested_checkpoint_computes_what_torch_computes(checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "lavie-base"
    make(checkpoint, out)
    manifest = json.loads((out / "model.json").read_text())
    assert manifest["provenance"]["largestDifference"] < 1e-5
    assert {file["path"] for file in manifest["files"]} == {"denoiser.onnx", "denoiser.onnx.data"}
    ports = {port["name"]: (port["type"], port["shape"]) for port in manifest["graphs"]["denoiser"]["inputs"]}
    assert ports["sample"] == ("float32", ["B", 4, "F", "h", "w"])
    assert ports["context"] == ("float32", ["B", "F or 1", "T", 24])
    assert ports["timestep"] == ("int64", ["B"])
    assert manifest["role"] == "base" and "academic" in manifest["licence"]
    assert without_cuda_kernel(out / "denoiser.onnx") == []
    assert operators(out / "denoiser.onnx")["com.microsoft", "MultiHeadAttention"] > 0
    rearranged = [n.name for n in onnx_ir.load(out / "denoiser.onnx").graph if n.op_type in ("Transpose", "Reshape") and n.inputs[0].is_initializer()]
    assert rearranged == []  # weights lie in the file as they are multiplied
    again, said = make(checkpoint, out)
    assert "already" in again and not said


def test_half_precision_takes_half_the_space(tmp_path: Path) -> None:
    state = fill(VideoUnet(TWO_LEVELS)).state_dict()
    torch.save(state, tmp_path / "base.pt")
    make(tmp_path / "base.pt", tmp_path / "half", "fp16", TWO_LEVELS)
    whole = sum(t.numel() * t.element_size() for t in state.values())
    assert (tmp_path / "half" / "denoiser.onnx.data").stat().st_size < 0.55 * whole


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A folder with a small tokenizer as CLIP's was published."""
    ids = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "b": 3, "o": 4, "o</w>": 5, "bo</w>": 6, "!": 7}
    (tmp_path / "vocab.json").write_text(json.dumps(ids))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nb o</w>\n")
    return tmp_path


@pytest.mark.parametrize("family", ["sd14-text", "sd14-vae", "svd-vae"])
def test_text_and_autoencoder_have_packages_too(family: str, words: Path, tmp_path: Path) -> None:
    checkpoint, out = saved(FAMILIES[family].small(), tmp_path / "checkpoint.pt"), tmp_path / family
    convert(Conversion(family, {"checkpoint": checkpoint}, out, "fp32", words, build=small(family)), lambda *_: None, print)
    manifest = json.loads((out / "model.json").read_text())
    assert manifest["provenance"]["largestDifference"] < 1e-5
    assert manifest["role"] == ("text" if family == "sd14-text" else "vae")
    if family == "sd14-text":
        assert Tokenizer.from_file(str(out / "tokenizer.json")).encode("A  bo").ids == [0, 2, 6, 1]
    else:
        assert set(manifest["graphs"]) == {"encoder", "decoder"}
    for graph in manifest["graphs"].values():
        assert without_cuda_kernel(out / graph["file"]) == []


def test_bfloat_weights_take_half_the_space_and_are_summed_in_float32(tmp_path: Path) -> None:
    sizes = {}
    for precision in ("fp32", "bf16"):
        module = fill(FAMILIES["venhancer-text"].small()).requires_grad_(False)
        ids = torch.tensor([[1, 2, 3]])
        whole = module.bfloat16().float()(ids)
        if precision == "bf16":
            module.bfloat16()
            widen_when_used(module)
            assert torch.equal(module(ids), whole)
        (plan,) = graph_plans(module)
        write_graph(plan, tmp_path / precision, lambda *_: None)
        assert largest_difference(plan, torch_result(plan), tmp_path / precision) < 1e-5
        sizes[precision] = (tmp_path / precision / "encoder.onnx.data").stat().st_size
    assert sizes["bf16"] < 0.55 * sizes["fp32"]
    graph = onnx_ir.load(tmp_path / "bf16" / "encoder.onnx").graph
    widened = [node.op_type == "Cast" and node.inputs[0].is_initializer() for node in graph]
    assert widened == sorted(widened, reverse=True) and any(widened)  # what stands first is made just before it is used
    assert not [node for node in graph if node.op_type == "Transpose" and node.inputs[0].producer() in list(graph)[: sum(widened)]]


def test_weights_for_the_torch_engine_open_as_the_module_that_they_are(tmp_path: Path) -> None:
    module = fill(FAMILIES["sd14-vae"].small())
    out, files = tmp_path / "sd14-vae", {"checkpoint": saved(module, tmp_path / "vae.pt")}
    convert(Conversion("sd14-vae", files, out, "fp32", engine="torch", build=small("sd14-vae")), lambda *_: None, print)
    manifest = json.loads((out / "model.json").read_text())
    assert [file["path"] for file in manifest["files"]] == ["weights.safetensors"]
    assert manifest["graphs"]["encoder"]["inputs"] == [{"name": "frames", "type": "float32", "shape": ["N", 3, "H", "W"]}]
    assert manifest["graphs"]["decoder"]["outputs"] == [{"name": "frames", "type": "float32", "shape": ["N", 3, "H", "W"]}]
    engine = Engine()
    names = {"folder": str(out), "graph": "encoder"}
    assert engine.answer({"kind": "open", **names, "device": "cpu", "threads": 1}) == {"known": True}
    frames = torch.rand(2, 3, 8, 12)
    write_tensors(tmp_path / "in", {"frames": frames})
    engine.answer({"kind": "run", **names, "inputs": str(tmp_path / "in"), "outputs": str(tmp_path / "out")})
    with torch.no_grad():
        assert torch.equal(read_tensors(tmp_path / "out")["latents"], module.encode(frames))


def safetensors(path: Path, state: State) -> Path:
    table, offset = {}, 0
    for key, tensor in state.items():
        size = tensor.numel() * 4
        table[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    header = json.dumps(table).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"".join(t.numpy().tobytes() for t in state.values()))
    return path


def test_safetensors_hold_the_same_tensors(state: State, tmp_path: Path) -> None:
    read = read_checkpoint(safetensors(tmp_path / "base.safetensors", state))
    assert all(torch.equal(read[key], tensor) for key, tensor in state.items())


def test_a_truncated_file_is_no_checkpoint(state: State, checkpoint: Path, tmp_path: Path) -> None:
    whole = safetensors(tmp_path / "whole.safetensors", state).read_bytes()
    for name, content in (("short.safetensors", whole[: len(whole) // 2]), ("short.pt", checkpoint.read_bytes()[:5000])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match="is the download whole"):
            read_checkpoint(tmp_path / name)


class Payload:
    def __reduce__(self) -> tuple:
        return (print, ("code ran",))


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    torch.save({"state_dict": Payload()}, tmp_path / "bad.pt")
    with pytest.raises(CheckpointError, match="would run code"):
        read_checkpoint(tmp_path / "bad.pt")
    assert "code ran" not in capsys.readouterr().out


def test_the_first_wrong_key_of_each_kind_is_named() -> None:
    expected = {key: torch.empty(2, 3, device="meta") for key in ("a", "b", "c", "d")}
    given = {"a": torch.empty(2, 3), "d": torch.empty(3, 2), "z": torch.empty(1), "y": torch.empty(1)}
    with pytest.raises(CheckpointError) as caught:
        check_keys(given, expected, "base.pt")
    message = str(caught.value)
    assert "2 missing, the first b" in message and "2 extra, the first z" in message
    assert "1 misshapen, the first d: [3, 2] instead of [2, 3]" in message


def test_a_set_says_what_it_waits_for_and_what_it_would_take(tmp_path: Path) -> None:
    packages = tmp_path / "packages"

    def lines_after(name: str) -> list[str]:
        (packages / name).mkdir(parents=True)
        (packages / name / "model.json").write_text("{}")
        return words_about(packages / name)

    assert lines_after("sd14-vae") == [
        "the set latte needs sd14-text, latte, lavie-interpolation, lavie-vsr or pocket-upscale too",
        "the set lavie needs sd14-text, lavie-base, lavie-interpolation, lavie-vsr or pocket-upscale too",
    ]
    assert {path.name for path in (tmp_path / "sets").iterdir()} == {"latte.json", "lavie.json"}
    for name in ("sd14-text", "lavie-interpolation", "pocket-upscale"):
        lines_after(name)
    more = "svd-vae, lavie-vsr, seine, videobooth, venhancer, espeak-ng"
    assert lines_after("lavie-base") == [f"the set lavie is complete: models: lavie (it would also take {more})"]
    for name in ("svd-vae", "lavie-vsr", "videobooth", "venhancer", "espeak-ng"):
        lines_after(name)
    assert lines_after("seine") == ["the set lavie is complete: models: lavie"]
    line = "the set vbench is complete: shotline eval video film.mp4 --models vbench"
    assert lines_after("musiq-spaq") == [f"{line} (it would also take dino-vitb16, clip-vitb32, clip-vitl14-aesthetic, raft-things, owlv2-base)"]
    assert words_about(tmp_path / "elsewhere") == []


def test_the_licence_must_be_accepted(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["convert", "--family", "lavie-base", "--checkpoint", "x.pt", "--out", "x"])
    assert main() == 2
    assert "say --accept-licence" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "says"), [("512", "is no size"), ("512x", "is no size"), ("0x288", "is no size")])
def test_a_size_that_is_none_is_refused(text: str, says: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["convert", "--family", "seine", "--checkpoint", "x.pt", "--out", "x", "--size", text])
    with pytest.raises(SystemExit):
        main()
    assert says in capsys.readouterr().err
