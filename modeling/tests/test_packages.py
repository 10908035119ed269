"""Packages of several published files: what belongs together, and what a conversion that was killed leaves."""

import json
import struct
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from torch import nn

from modeling.convert import convert as steps
from modeling.convert import t5_tokenizer
from modeling.convert.checkpoint import read_checkpoint
from modeling.convert.checkpoint_error import CheckpointError
from modeling.convert.components import COMPONENTS
from modeling.convert.convert import Conversion, convert
from modeling.export.kernels import without_cuda_kernel
from modeling.goldens.seeded import fill
from modeling.published.image_autoencoder import ImageAutoencoder, ImageAutoencoderConfig
from modeling.published.registry import FAMILIES
from modeling.tests.tiny import TINY
from modeling.torch_engine.packages import open_graph

WORDS = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2, "!": 3}
BUILD = {
    "lavie-vsr": TINY["lavie-vsr"],
    "x4-text": FAMILIES["x4-text"].small,
    "x4-vae": lambda: ImageAutoencoder(ImageAutoencoderConfig((32, 32, 64), 4, 1)),
}


def saved(module: nn.Module, path: Path) -> Path:
    torch.save(fill(module).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of VSR, at small width, and a tokenizer."""
    folder = tmp_path_factory.mktemp("sources")
    for family, build in BUILD.items():
        saved(build(), folder / f"{family}.pt")
    (folder / "vocab.json").write_text(json.dumps(WORDS))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return folder


def vsr(sources: Path, out: Path, **changes: object) -> Conversion:
    files = {"checkpoint": sources / "lavie-vsr.pt", "text": sources / "x4-text.pt", "vae": sources / "x4-vae.pt"}
    return Conversion("lavie-vsr", files, out, tokenizer=sources, build=BUILD, **{"precision": "fp32", **changes})


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_conversion_that_was_killed_goes_on_and_leaves_nothing_that_looks_whole(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, made = tmp_path / "lavie-vsr", steps._make

    def make_until(last: str) -> None:
        def step(component: object, *rest: object) -> dict:
            if component.family == last:
                raise Killed
            return made(component, *rest)

        monkeypatch.setattr(steps, "_make", step)

    make_until("x4-vae")
    with pytest.raises(Killed):
        convert(vsr(sources, out), lambda *_: None, print)
    assert not out.exists()
    assert not list(tmp_path.glob("*/model.json"))

    made_again: list[str] = []
    monkeypatch.setattr(steps, "_make", lambda component, *rest: made_again.append(component.family) or made(component, *rest))
    lines: list[str] = []
    convert(vsr(sources, out), lambda *_: None, lines.append)
    assert made_again == ["x4-vae"]
    assert sum("before the last conversion ended" in line for line in lines) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["lavie-vsr"]

    manifest = json.loads((out / "model.json").read_text())
    assert set(manifest["graphs"]) == {"denoiser", "text", "decoder"}
    names = [f"{name}.onnx{suffix}" for name in ("denoiser", "text", "decoder") for suffix in ("", ".data")]
    assert {file["path"] for file in manifest["files"]} == {*names, "tokenizer.json"}
    assert manifest["provenance"]["largestDifference"] < 1e-5
    assert {"checkpoint", "text", "vae"} < set(manifest["provenance"])
    assert {"sample", "timestep", "context", "noise_level"} <= {port["name"] for port in manifest["graphs"]["denoiser"]["inputs"]}
    assert manifest["diffusion"]["prediction"] == "v" and manifest["latent"]["downscale"] == 4


def test_what_was_begun_of_other_files_is_not_gone_on_with(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "lavie-vsr"
    left = tmp_path / ".lavie-vsr.part"
    left.mkdir()
    (left / "text.onnx").write_text("of another checkpoint")
    (tmp_path / ".lavie-vsr.part.json").write_text(json.dumps({"madeFrom": {"family": "seine"}, "done": {}}))
    convert(vsr(sources, out, engine="torch"), lambda *_: None, print)
    files = sorted(path.name for path in out.iterdir())
    weights = ["weights.safetensors", "x4-text-weights.safetensors", "x4-vae-weights.safetensors"]
    assert files == ["model.json", "tokenizer.json", *weights]
    monkeypatch.setattr("modeling.torch_engine.packages.FAMILIES", {name: FakeFamily(build) for name, build in BUILD.items()})
    decoder = open_graph(out, "decoder")
    with torch.no_grad():
        made = decoder.module(torch.ones(1, 4, 2, 3))
        assert torch.equal(made, fill(BUILD["x4-vae"]()).decode(torch.ones(1, 4, 2, 3)))


class FakeFamily:
    """A family of which only the small module is asked for."""

    def __init__(self, small: object):
        self.small = small


def test_the_files_that_a_family_needs_are_named(sources: Path, tmp_path: Path) -> None:
    few = Conversion("lavie-vsr", {"checkpoint": sources / "lavie-vsr.pt", "mapper": sources / "x4-vae.pt"}, tmp_path / "vsr")
    with pytest.raises(CheckpointError, match="needs --text, --vae too and has no use for --mapper"):
        convert(few, lambda *_: None, print)


def piece(text: str, score: float, kind: int) -> bytes:
    """A piece of a sentencepiece model, as its protocol writes it."""
    message = b"\x0a" + bytes([len(text.encode())]) + text.encode() + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])
    return b"\x0a" + bytes([len(message)]) + message


SPECIAL = piece("<pad>", 0, 3) + piece("</s>", 0, 3) + piece("<unk>", 0, 2)


def published_as(family: str, folder: Path) -> Conversion:
    """A conversion of the files of a family, at a width that is traced in seconds."""
    build = {component.family: TINY.get(component.family, FAMILIES[component.family].small) for component in COMPONENTS[family]}
    states: dict[str, dict[str, torch.Tensor]] = {}
    for component in COMPONENTS[family]:
        for key, tensor in fill(build[component.family]()).state_dict().items():
            option = "mapper" if key.startswith("mapper.") else component.files[0]
            states.setdefault(option, {})[key.removeprefix("mapper.")] = tensor
    for option, state in states.items():
        torch.save(state, folder / f"{option}.pt")
    files = {option: folder / f"{option}.pt" for option in states}
    return Conversion(family, files, folder / family, "fp16", folder, build=build)


@pytest.mark.parametrize(
    ("family", "graphs", "ports"),
    [
        ("latte", {"denoiser", "text"}, {"freeu", "windows", "window_weights"}),
        ("videobooth", {"denoiser", "vision", "text"}, {"exemplar", "exemplar_context", "has_exemplar", "freeu", "windows", "window_weights"}),
        ("venhancer", {"enhancer", "text"}, {"hint", "keys", "hint_timestep", "scale", "picture"}),
    ],
)
def test_a_denoiser_and_what_it_reads_words_with_are_graphs_in_half_precision(
    family: str, graphs: set[str], ports: set[str], sources: Path, tmp_path: Path
) -> None:
    conversion = published_as(family, tmp_path)
    (tmp_path / "spiece.model").write_bytes(SPECIAL + piece("a", -1, 1))
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).write_bytes((sources / name).read_bytes())
    convert(conversion, lambda *_: None, print)
    manifest = json.loads((conversion.out / "model.json").read_text())
    assert set(manifest["graphs"]) == graphs
    assert manifest["provenance"]["largestDifference"] < 1e-2
    (denoiser,) = (graph for name, graph in manifest["graphs"].items() if name in ("denoiser", "enhancer"))
    assert {port["name"] for port in denoiser["inputs"]} == {"sample", "timestep", "context"} | ports
    for graph in manifest["graphs"].values():
        assert without_cuda_kernel(conversion.out / graph["file"]) == []


def test_a_wrong_file_in_a_place_of_its_own_is_told_by_its_first_key(sources: Path, tmp_path: Path) -> None:
    wrong = vsr(sources, tmp_path / "vsr")
    files = {**wrong.files, "checkpoint": sources / "x4-vae.pt"}
    with pytest.raises(CheckpointError, match=r"x4-vae.pt, as lavie-vsr, does not fit: of \d+ tensors, \d+ missing, the first conv_in.weight"):
        convert(Conversion("lavie-vsr", files, tmp_path / "vsr", tokenizer=sources, build=BUILD), lambda *_: None, print)
    assert not (tmp_path / "vsr").exists()


def test_a_folder_with_other_files_is_not_overwritten(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CheckpointError, match="holds files that are no package"):
        convert(vsr(sources, tmp_path), lambda *_: None, print)


@pytest.mark.parametrize(("size", "says"), [((510, 288), "the width 510 is no multiple of 8; take 504 or 512")])
def test_a_size_that_is_no_whole_number_of_cells_is_refused(size: tuple[int, int], says: str, tmp_path: Path) -> None:
    (tmp_path / "seine.pt").write_bytes(b"any")
    with pytest.raises(CheckpointError, match=says):
        convert(Conversion("seine", {"checkpoint": tmp_path / "seine.pt"}, tmp_path / "seine", size=size), lambda *_: None, print)


def test_a_checkpoint_in_several_files_is_read_by_its_index(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2)}, tmp_path / "one.bin")
    torch.save({"b": torch.zeros(3)}, tmp_path / "two.bin")
    index = tmp_path / "model.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "one.bin", "b": "two.bin"}}))
    assert set(read_checkpoint(index)) == {"a", "b"}
    (tmp_path / "two.bin").unlink()
    with pytest.raises(CheckpointError, match="of its 2 files 1 are missing, the first two.bin"):
        read_checkpoint(index)


def test_words_of_t5_are_read_from_the_model_of_sentencepiece(tmp_path: Path) -> None:
    words = b"".join(piece(text, -k, 1) for k, text in enumerate(("▁a", "▁red", "▁boat", "s", "▁", "a", "r", "e", "d", "b", "o", "t")))
    (tmp_path / "spiece.model").write_bytes(SPECIAL + words)
    t5_tokenizer.write_tokenizer(tmp_path, tmp_path / "tokenizer.json")
    made = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert made.encode("  A Red  boats").ids == [3, 4, 5, 6, 1]
    assert made.padding["pad_id"] == 0
    short = tmp_path / "short"
    short.mkdir()
    (short / "spiece.model").write_bytes((SPECIAL + words)[:40])
    with pytest.raises(CheckpointError, match="no model of sentencepiece for T5"):
        t5_tokenizer.write_tokenizer(short, tmp_path / "tokenizer.json")
    with pytest.raises(CheckpointError, match="no spiece.model in"):
        t5_tokenizer.write_tokenizer(tmp_path / "nowhere", tmp_path / "tokenizer.json")
