"""What FreeU costs inside the base's graph: `python -m modeling.export.freeu_cost`.

The shipped graph, whose four inputs are always computed with, against an export of the same weights without FreeU, called in turn.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

from modeling.export.check import denoiser_inputs
from modeling.export.graph import export_graph
from modeling.export.load_back import load_back
from modeling.export.package import MODELS
from modeling.pocket.denoiser import Denoiser, DenoiserConfig

SHIPPED = MODELS / "packages" / "pocket-base" / "denoiser.onnx"


def export_without(into: Path) -> Path:
    """The base without FreeU; axes as in the shipped graph."""
    denoiser = load_back(Denoiser(DenoiserConfig()), SHIPPED).eval()
    frames = 4
    inputs = {
        "sample": torch.randn(2, 16, frames, 9, 16),
        "timestep": torch.tensor([3, 900]),
        "context": torch.randn(2, frames, 32, 128),
        "windows": torch.stack([torch.arange(3), torch.arange(1, 4)]),
        "window_weights": torch.ones(2, 3),
    }
    clips = {"sample": {0: "B", 2: "F", 3: "h", 4: "w"}, "timestep": {0: "B"}, "context": {0: "B", 1: "F or 1", 2: "T"}}
    axes = {**clips, "windows": {0: "n", 1: "L"}, "window_weights": {0: "n", 1: "L"}}
    export_graph(denoiser, inputs, axes, {"prediction": ("B", 16, "F", "h", "w")}, into / "denoiser.onnx")
    return into / "denoiser.onnx"


def one_thread(path: Path) -> onnxruntime.InferenceSession:
    """A session whose work is all done by the calling thread, so that its processor time is that of the call."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=60)
    options = parser.parse_args()
    torch.manual_seed(0)
    given = {name: value.numpy() for name, value in denoiser_inputs(16, 2, 16).items()}
    with tempfile.TemporaryDirectory() as folder:
        ways = {"with": one_thread(SHIPPED), "without": one_thread(export_without(Path(folder)))}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.calls):
        for way, session in ways.items():
            start = time.thread_time()
            session.run(None, {entry.name: given[entry.name] for entry in session.get_inputs()})
            times[way].append((time.thread_time() - start) * 1000)
    medians = {way: statistics.median(each) for way, each in times.items()}
    for way, milliseconds in medians.items():
        print(f"{way} FreeU: {milliseconds:.1f} ms (batch 2, 16 frames, one thread; the median of {options.calls} calls)")
    print(f"FreeU costs {100 * (medians['with'] / medians['without'] - 1):.1f} %")


if __name__ == "__main__":
    main()
