"""Time and memory of the shipped graphs at 16, 64 and 128 frames: `python -m modeling.export.cost`.

Every line is measured in a process of its own: the median of a few calls, and by how much the calls raised the peak of resident memory
above that of the loaded graph.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

import torch

from modeling.export.check import denoiser_inputs, session
from modeling.export.package import MODELS

FRAMES = (16, 64, 128)
WINDOW, STRIDE = 16, 4  #: FreeNoise's
CHANNELS = {"base": 16, "interp": 32, "transition": 33}
GRAPHS = ("vae/encoder", "vae/decoder", *(f"{role}/denoiser{way}" for role in CHANNELS for way in ("", ":windows")), "upscale/upscaler")
CALLS = 3


def inputs(graph: str, frames: int) -> dict[str, torch.Tensor]:
    """What one call is given; denoisers work on a batch of two (guidance), interpolation on one."""
    role = graph.split("/")[0]
    if graph == "vae/encoder":
        return {"frames": torch.rand(frames, 3, 144, 256) * 2 - 1}
    if graph == "vae/decoder":
        return {"latents": torch.randn(frames, 16, 9, 16)}
    if graph == "upscale/upscaler":
        return {"frames": torch.rand(min(frames, 4), 3, 144, 256) * 2 - 1, "size": torch.tensor([2160, 3840])}
    given = denoiser_inputs(CHANNELS[role], 1 if role == "interp" else 2, frames)
    if graph.endswith(":windows"):
        starts = range(0, frames - WINDOW + 1, STRIDE)
        given["windows"] = torch.stack([torch.arange(s, s + WINDOW) for s in starts])
        given["window_weights"] = torch.ones(len(starts), WINDOW)
    return given


def peak() -> float:
    """Peak resident memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(graph: str, frames: int) -> tuple[float, float]:
    """Milliseconds of a call, and MB above the loaded graph."""
    torch.manual_seed(0)
    runner = session(MODELS / "packages" / f"pocket-{graph.split(':')[0]}.onnx")
    given = {name: value.numpy() for name, value in inputs(graph, frames).items()}
    loaded, times = peak(), []
    for _ in range(CALLS):
        start = time.perf_counter()
        runner.run(None, given)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), peak() - loaded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("GRAPH", "FRAMES"), help="measure one line and print its two numbers")
    options = parser.parse_args()
    if options.one:
        print(*measure(options.one[0], int(options.one[1])))
        return
    print("| graph |" + "".join(f" {n} frames: ms, MB |" for n in FRAMES) + "\n| --- |" + " --- |" * len(FRAMES))
    for graph in GRAPHS:
        cells = []
        for frames in FRAMES:
            line = [sys.executable, "-m", "modeling.export.cost", "--one", graph, str(frames)]
            milliseconds, megabytes = map(float, subprocess.run(line, check=True, capture_output=True, text=True).stdout.split())
            cells.append(f"{milliseconds:.0f}, {megabytes:.0f}")
        print(f"| {graph.replace(':', ', ')} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
