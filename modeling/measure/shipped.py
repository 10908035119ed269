"""The shipped graphs as functions of tensors, through onnxruntime as in Shotline, and what they are measured on."""

import hashlib
import json
import os
import random
from pathlib import Path

import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from modeling.export.package import MODELS
from modeling.world import Scene, sample_scene

PACKAGES = MODELS / "packages"
SEED = 77
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


class Shipped:
    """The graphs of the pocket set as functions of tensors."""

    def __init__(self, folder: Path = PACKAGES):
        self._folder = folder
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}
        self.tokenizer = Tokenizer.from_file(str(folder / "pocket-text" / "tokenizer.json"))

    def run(self, graph: str, **inputs: Tensor) -> list[Tensor]:
        """Run `package/graph`."""
        if graph not in self._sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = THREADS
            self._sessions[graph] = onnxruntime.InferenceSession(self._folder / f"pocket-{graph}.onnx", options)
        return [torch.from_numpy(made) for made in self._sessions[graph].run(None, {k: v.numpy() for k, v in inputs.items()})]

    def fingerprint(self, *roles: str, **settings: object) -> str:
        """Short name of what a result depends on: the files of packages, and settings."""
        files = [json.loads((self._folder / f"pocket-{role}" / "model.json").read_text())["files"] for role in roles]
        return hashlib.sha256(json.dumps([files, settings]).encode()).hexdigest()[:12]

    def sampler(self, role: str) -> dict:
        """The default sampler of a manifest."""
        return json.loads((self._folder / f"pocket-{role}" / "model.json").read_text())["sampler"]

    def context(self, prompts: list[str]) -> Tensor:
        """`[B, 1, T, D]`."""
        ids = torch.tensor([e.ids for e in self.tokenizer.encode_batch(prompts)])
        return self.run("text/encoder", input_ids=ids)[0].unsqueeze(1)

    def encode(self, frames: Tensor) -> Tensor:
        """Frames `[F, 3, h, w]` in 0..1 to latents `[1, C, F, h, w]`."""
        return self.run("vae/encoder", frames=frames * 2 - 1)[0].transpose(0, 1).unsqueeze(0)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents `[1, C, F, h, w]` to frames in -1..1."""
        return self.run("vae/decoder", latents=latents[0].transpose(0, 1).contiguous())[0].clamp(-1, 1)

    def denoise(self, role: str, sample: Tensor, timestep: Tensor, context: Tensor, **more: Tensor) -> Tensor:
        """One call with one window over all frames; `more`: inputs beyond those of every denoiser."""
        frames = sample.shape[2]
        windows, weights = torch.arange(frames).unsqueeze(0), torch.ones(1, frames)
        inputs = {"sample": sample, "timestep": timestep, "context": context, "freeu": torch.ones(4), "windows": windows, "window_weights": weights}
        return self.run(f"{role}/denoiser", **inputs, **more)[0]


def held_out(count: int) -> list[Scene]:
    """Scenes of combinations that training never saw."""
    rng = random.Random(SEED)
    return [sample_scene(rng, held_out=True) for _ in range(count)]


def noise_like(x: Tensor, seed: int) -> Tensor:
    """Normal numbers by seed."""
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def frame_steps(frames: Tensor) -> tuple[float, float]:
    """Largest and median step between neighbouring frames `[F, 3, h, w]`, mean absolute difference."""
    moves = frames.diff(dim=0).abs().mean((1, 2, 3))
    return moves.max().item(), moves.median().item()
