"""Goldens of VEnhancer's loop over several chunks: chunk lists, and whole runs with guidance and rescaling in each chunk.

Usage: python modeling/goldens/enhancer_loop_goldens.py PATH, where PATH is a checkout of asi-xia/VEnhancer at COMMIT (upstream's September
2024 code, which the v2 weights are run with). Its own `GaussianDiffusion.sample`, `make_chunks` and `blend_time` are run, in float64 and with
our noise. The model is a formula that both sides know and that sees its chunk: what it says depends on the mean of the chunk and on the
place of a frame in it. Writes `diffusion/goldens/enhancer-loop.json`.
"""

import json
import logging
import sys
import types
from pathlib import Path
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent))
from philox_goldens import normals  # noqa: E402
from sampling_goldens import VENHANCER, in_float64, package  # noqa: E402

COMMIT = "f779e16a469daa63aba7aec0264337cb1e8fa0e5"
TARGET = Path(__file__).resolve().parents[2] / "diffusion/goldens/enhancer-loop.json"


def code(root: Path) -> tuple:
    for name in ("torchsde", "video_to_video", "video_to_video.utils", "video_to_video.utils.logger"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchsde"].BrownianTree = None
    sys.modules["video_to_video.utils.logger"].get_logger = lambda: logging.getLogger("venhancer")
    names: dict = {"np": np}
    exec(compile((root / "video_to_video/utils/util.py").read_text(), "util", "exec"), names)  # noqa: S102
    util = sys.modules["video_to_video.utils.util"] = types.ModuleType("video_to_video.utils.util")
    util.__dict__.update(names)
    package("video_to_video.diffusion", root / "video_to_video" / "diffusion")
    from video_to_video.diffusion import diffusion_sdedit, schedules_sdedit, solvers_sdedit

    return util, diffusion_sdedit, schedules_sdedit, solvers_sdedit


def model(x: torch.Tensor, t: torch.Tensor, y: float, **_: object) -> torch.Tensor:
    place = torch.arange(x.shape[2], dtype=torch.float64).reshape(1, 1, -1, 1, 1)
    return 0.5 * torch.sin(x) + 0.3 * x.mean() + 0.1 * y * torch.cos(x) + 0.2 * torch.cos(0.013 * t.item() + place)


def run(modules: tuple, frames: int, key_step: int, solver: str, mode: str, steps: int) -> dict:
    util, diffusion_sdedit, schedules, solvers = modules
    shape = (1, 2, frames, 2, 3)
    size = int(np.prod(shape))
    random = {"seed": frames * 10 + steps, "stream": f"{solver} {mode}"}

    def draw(step: int) -> torch.Tensor:
        return torch.tensor(normals(random["seed"], random["stream"], step, size), dtype=torch.float64).reshape(shape)

    class OurNoise:
        def __init__(self, *_: object):
            self.drawn = 0

        def __call__(self, *_: object) -> torch.Tensor:
            self.drawn += 1
            return draw(self.drawn)

    levels = schedules.noise_schedule(schedule="logsnr_cosine_interp", n=1000, zero_terminal_snr=True, scale_min=2.0, scale_max=4.0)
    diffusion = diffusion_sdedit.GaussianDiffusion(sigmas=levels)
    chunks = util.make_chunks(frames, key_step - 1) if frames > 32 else None
    floats, dtypes = in_float64()
    with floats, dtypes, mock.patch.object(solvers, "BrownianTreeNoiseSampler", OurNoise):
        end = diffusion.sample(
            noise=draw(0),
            model=model,
            model_kwargs=[{"y": 1.0}, {"y": -1.0}, {"hint": None}, {"mask_cond": torch.zeros(1, frames)}, {"s_cond": 8}, {"t_hint": 199}],
            guide_scale=7.5,
            guide_rescale=0.2,
            solver=solver,
            solver_mode=mode,
            steps=steps,
            t_max=899,
            t_min=0,
            discretization="trailing",
            chunk_inds=chunks,
        )
    assert end.dtype == torch.float64 and end.isfinite().all()
    case = {"frames": frames, "keyStep": key_step, "solver": solver, "steps": "fast" if mode == "fast" else steps, "random": random}
    return {**case, "shape": list(shape), "end": [round(value, 9) for value in end.reshape(-1).tolist()]}


def decode(util: types.ModuleType, frames: int) -> dict:
    """`tiled_chunked_decode` over time, with a decoder whose frames depend on their window: a value plus the mean of the window."""
    size, overlap = 5, 2
    values = torch.cos(torch.arange(frames, dtype=torch.float64) * 1.7).reshape(1, 1, frames, 1, 1)
    windows = util.sliding_windows_1d(frames, size, overlap)
    time = [values[:, :, a:b] + values[:, :, a:b].mean() for a, b in windows]
    blended = []
    for k, chunk in enumerate(time):
        if k > 0:
            chunk = util.blend_time(time[k - 1], chunk, overlap)
        blended.append(chunk if k == len(time) - 1 else chunk[:, :, : chunk.size(2) - overlap])
    return {"frames": frames, "windows": windows, "pixels": torch.cat(blended, 2).reshape(-1).tolist()}


def main() -> None:
    torch.set_default_dtype(torch.float64)
    modules = code(Path(sys.argv[1]))
    pairs = [(keys * step + 1, step) for step in range(1, 9) for keys in (*range(1, 30, 3), 33, 60, 61, 127)]
    chunks = [{"frames": frames, "keyStep": step, "chunks": modules[0].make_chunks(frames, step - 1)} for frames, step in pairs if frames > 32]
    runs = [
        run(modules, 61, 1, "dpmpp_2m_sde", "fast", 15),
        run(modules, 46, 3, "dpmpp_2m_sde", "normal", 5),
        run(modules, 20, 1, "heun", "normal", 6),
        run(modules, 73, 4, "heun", "fast", 15),
    ]
    decoded = [decode(modules[0], frames) for frames in (1, 4, 5, 6, 7, 8, 11, 16, 24, 61)]
    golden = {"decoded": decoded, "madeBy": f"asi-xia/VEnhancer {COMMIT[:7]}", "schedule": VENHANCER, "chunks": chunks, "runs": runs}
    TARGET.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
