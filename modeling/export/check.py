"""Check the shipped graphs: `python -m modeling.export.check`. Prints, per graph, the largest difference to torch and the time per call.

Torch modules get their weights from the packages themselves, so nothing but git is needed.
"""

import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from modeling.export.load_back import load_back
from modeling.export.package import MODELS
from modeling.pocket.autoencoder import AutoencoderConfig, Decoder, Encoder
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.enhancer import Enhancer
from modeling.pocket.interpolator import InterpDenoiser
from modeling.pocket.text import TextConfig, TextEncoder
from modeling.train import interp, transition
from modeling.train.enlarged import FRAMES

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


@dataclass(frozen=True)
class Case:
    """A graph with one set of inputs."""

    package: str
    graph: str
    module: nn.Module
    inputs: dict[str, Tensor]
    note: str


def denoiser_inputs(channels: int, batch: int, frames: int) -> dict[str, Tensor]:
    """Inputs of one call at the native size, one window over all frames."""
    return {
        "sample": torch.randn(batch, channels, frames, 9, 16),
        "timestep": torch.full((batch,), 500),
        "context": torch.randn(batch, 1, 32, 128),
        "freeu": torch.ones(4),
        "windows": torch.arange(frames).unsqueeze(0),
        "window_weights": torch.ones(1, frames),
    }


def enhancer_inputs() -> dict[str, Tensor]:
    """Inputs of one call of a time chunk at twice the native size, all frames keys."""
    latents, frames = torch.randn(2, 1, 16, FRAMES, 18, 32), torch.arange(FRAMES)
    told = {"timestep": torch.tensor([500]), "context": torch.randn(1, 1, 32, 128), "hint_timestep": torch.tensor([100])}
    return {"sample": latents[0], "hint": latents[1], "keys": frames, "scale": torch.tensor([2.0]), "picture": torch.tensor([18, 32, 0, 0]), **told}


def cases() -> list[Case]:
    """Every graph of the set that this folder trains."""
    autoencoder = AutoencoderConfig()
    vocabulary = len(json.loads((MODELS / "packages/pocket-text/tokenizer.json").read_text())["model"]["vocab"])
    base = DenoiserConfig()
    return [
        Case("pocket-text", "encoder", TextEncoder(TextConfig(vocabulary)), {"input_ids": torch.randint(0, vocabulary, (2, 32))}, "2 prompts"),
        Case("pocket-vae", "encoder", Encoder(autoencoder), {"frames": torch.rand(16, 3, 144, 256) * 2 - 1}, "16 frames"),
        Case("pocket-vae", "decoder", Decoder(autoencoder), {"latents": torch.randn(16, 16, 9, 16)}, "16 frames"),
        Case("pocket-base", "denoiser", Denoiser(base), denoiser_inputs(16, 2, 16), "batch 2, 16 frames"),
        Case("pocket-interp", "denoiser", InterpDenoiser(interp.CONFIG), denoiser_inputs(32, 1, 61), "batch 1, 61 frames"),
        Case("pocket-enhance", "enhancer", Enhancer(), enhancer_inputs(), f"batch 1, {FRAMES} frames of 512x288"),
        Case("pocket-transition", "denoiser", transition.build(), denoiser_inputs(33, 2, 16), "batch 2, 16 frames"),
    ]


def session(path: Path) -> onnxruntime.InferenceSession:
    """A session with the threads of the claim."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return onnxruntime.InferenceSession(path, options)


def check(case: Case, calls: int = 5) -> tuple[float, float]:
    """Largest difference to torch, and the median time of a call in milliseconds."""
    path = MODELS / "packages" / case.package / f"{case.graph}.onnx"
    module, runner = load_back(case.module, path).eval(), session(path)
    given = {name: value.numpy() for name, value in case.inputs.items()}
    with torch.no_grad():
        expected = module(**case.inputs).numpy()
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        (made,) = runner.run(None, given)
        times.append((time.perf_counter() - start) * 1000)
    return float(np.abs(made - expected).max()), statistics.median(times)


def main() -> None:
    torch.manual_seed(0)
    print("| package | graph | call | largest difference to torch | ms per call |\n| --- | --- | --- | --- | --- |")
    for case in cases():
        difference, milliseconds = check(case)
        print(f"| {case.package} | {case.graph} | {case.note} | {difference:.1e} | {milliseconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
