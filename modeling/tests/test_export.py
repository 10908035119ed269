"""Exported graphs compute what torch computes, keep their weights' names, and say the contract's shapes."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from modeling.export import load_back, roles
from modeling.export.kernels import without_cuda_kernel
from modeling.export.package import write_set
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.interpolator import InterpDenoiser
from modeling.pocket.text import TextConfig, TextEncoder
from modeling.pocket.tokenizer import train_tokenizer
from modeling.pocket.transition import TransitionDenoiser
from modeling.tests.denoisers import randomise
from modeling.train.interp import repeat_keys

CONFIG = DenoiserConfig(in_channels=9, out_channels=4, widths=(16, 32), heads=(2, 2), context_width=8, embedding=32)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Denoiser, Path]:
    root = tmp_path_factory.mktemp("models")
    denoiser = randomise(Denoiser(CONFIG))
    package = roles.export_denoiser(denoiser, "transition", 8, {"seed": 0}, root)
    return denoiser, package.folder


def inputs(frames: int, contexts: int, side: tuple[int, int] = (5, 7)) -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    return {
        "sample": torch.randn(1, 9, frames, *side),
        "timestep": torch.tensor([421]),
        "context": torch.randn(1, contexts, 8, 8),
        "freeu": torch.tensor([1.2, 1.1, 0.8, 0.6]),
        "windows": torch.stack([torch.arange(4), torch.arange(frames - 4, frames)]),
        "window_weights": torch.tensor([[1.0, 2, 2, 1], [1, 2, 2, 1]]),
    }


@pytest.mark.parametrize(("frames", "contexts", "side"), [(6, 6, (5, 7)), (8, 1, (4, 6)), (5, 1, (9, 16))])
def test_the_graph_computes_what_torch_computes(exported: tuple[Denoiser, Path], frames: int, contexts: int, side: tuple[int, int]) -> None:
    denoiser, folder = exported
    given = inputs(frames, contexts, side)
    with torch.no_grad():
        expected = denoiser(**given).numpy()
    session = onnxruntime.InferenceSession(folder / "denoiser.onnx")
    (made,) = session.run(None, {name: value.numpy() for name, value in given.items()})
    assert np.abs(made - expected).max() < 1e-4


def test_a_transition_computes_what_torch_computes_for_one_clip_and_for_two(tmp_path: Path) -> None:
    model = randomise(TransitionDenoiser(CONFIG))
    folder = roles.export_denoiser(model, "transition", 8, {"seed": 0}, tmp_path).folder
    session = onnxruntime.InferenceSession(folder / "denoiser.onnx")
    for clips in (1, 2):
        given = inputs(7, 1)
        given["sample"][:, 4, [0, 1, -1]], given["sample"][:, 4, 2:-1] = 0, 1
        given["sample"][:, 5:, 2:-1] = 0
        given |= {name: torch.cat([given[name]] * clips) for name in ("sample", "timestep", "context")}
        with torch.no_grad():
            expected = model(**given).numpy()
        (made,) = session.run(None, {name: value.numpy() for name, value in given.items()})
        assert np.abs(made - expected).max() < 1e-4
    assert without_cuda_kernel(folder / "denoiser.onnx") == []


def test_an_interpolation_computes_what_torch_computes_for_one_clip_and_for_two(tmp_path: Path) -> None:
    config = DenoiserConfig(**{**vars(CONFIG), "in_channels": 16, "joint": False, "reach": 4, "phases": 4})
    model = randomise(InterpDenoiser(config))
    folder = roles.export_denoiser(model, "interp", 8, {"seed": 0}, tmp_path).folder
    session = onnxruntime.InferenceSession(folder / "denoiser.onnx")
    for clips in (1, 2):
        given = inputs(9, 1)
        given["sample"] = torch.cat([given["sample"][:, :4], repeat_keys(torch.randn(1, 4, 3, 5, 7))], dim=1)
        given |= {name: torch.cat([given[name]] * clips) for name in ("sample", "timestep", "context")}
        with torch.no_grad():
            expected = model(**given).numpy()
        (made,) = session.run(None, {name: value.numpy() for name, value in given.items()})
        assert np.abs(made - expected).max() < 1e-4
    assert without_cuda_kernel(folder / "denoiser.onnx") == []


def test_the_manifest_names_files_and_axes(exported: tuple[Denoiser, Path]) -> None:
    _, folder = exported
    manifest = json.loads((folder / "model.json").read_text())
    assert manifest["files"][0]["bytes"] == (folder / "denoiser.onnx").stat().st_size
    shapes = {value["name"]: value["shape"] for value in manifest["graphs"]["denoiser"]["inputs"]}
    assert shapes["sample"] == ["B", 9, "F", "h", "w"]
    assert shapes["context"] == ["B", "F or 1", "T", 8]
    assert shapes["windows"] == shapes["window_weights"] == ["n", "L"]
    assert json.loads(write_set("tiny", {"transition": "pocket-transition"}, folder.parent.parent).read_text())["name"] == "tiny"


def test_a_graph_does_not_tell_where_it_was_made(exported: tuple[Denoiser, Path]) -> None:
    _, folder = exported
    content = (folder / "denoiser.onnx").read_bytes()
    assert b"stack_trace" not in content and b"pkg.torch" not in content
    assert str(Path(__file__).resolve().parents[1]).encode() not in content


def test_weights_come_back_from_a_package(exported: tuple[Denoiser, Path]) -> None:
    denoiser, folder = exported
    fresh = load_back.load_back(Denoiser(CONFIG), folder / "denoiser.onnx")
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), denoiser.parameters(), strict=True))


def test_the_text_package_encodes_any_string(tmp_path: Path) -> None:
    tokenizer = train_tokenizer(32, captions=200)
    encoder = randomise(TextEncoder(TextConfig(tokenizer.get_vocab_size(), width=16)))
    folder = roles.export_text(encoder, tokenizer, {}, tmp_path).folder
    session = onnxruntime.InferenceSession(folder / "encoder.onnx")
    reread = roles.read_tokenizer(folder)
    for words in ("", "a red ball", "Ein ROTER Ball, 漢字!"):
        ids = torch.tensor([reread.encode(words).ids])
        assert ids.shape == (1, 32)
        with torch.no_grad():
            expected = encoder(ids).numpy()
        assert np.abs(session.run(None, {"input_ids": ids.numpy()})[0] - expected).max() < 1e-4
