"""The graph and manifest of the enhancer."""

from pathlib import Path

import torch

from modeling.export.graph import export_graph, names_in_bytes, round_to_byte, round_to_half
from modeling.export.package import MODELS, Package, write_manifest
from modeling.export.roles import DOWNSCALE, HEIGHT, SCHEDULE, VERSION, WIDTH
from modeling.pocket.enhancer import Enhancer
from modeling.train.enhance import keys_of
from modeling.train.enlarged import FRAMES, SCALES

#: Further steps change edges little and cost likeness; SDE steps the more.
SAMPLER = {"kind": "dpmpp-2m", "steps": 1, "guidance": 1.0, "rescale": 0.2, "spacing": "trailing"}
#: From higher noise, or with hints that are noisier, the shipped weights paint what is not there. Noise of its own for every frame adds flicker.
ENHANCE = {"start": 600, "hintNoise": 10, "list": "even", "sharedNoise": True, "maxScale": max(SCALES), "maxTime": 8}


def export_enhance(model: Enhancer, tokens: int, provenance: dict, root: Path = MODELS) -> Package:
    """Write the package; its weights are kept in bytes."""
    config = model.config
    package = Package(
        "pocket-enhance",
        "enhance",
        VERSION,
        {"enhancer": "enhancer.onnx"},
        provenance,
        {
            "prediction": "v",
            "schedule": SCHEDULE,
            "latent": {"channels": config.out_channels, "downscale": DOWNSCALE, "scale": 1.0},
            "native": {"width": WIDTH, "height": HEIGHT, "frames": FRAMES},
            "context": {"width": config.context_width, "tokens": tokens},
            "sampler": SAMPLER,
            "enhance": ENHANCE,
        },
        root,
    )
    frames = 5
    inputs = {
        "sample": torch.randn(2, config.in_channels, frames, 9, 16),
        "timestep": torch.tensor([3, 900]),
        "context": torch.randn(2, frames, tokens, config.context_width),
        "hint": torch.randn(2, config.out_channels, 3, 9, 16),
        "keys": keys_of(frames, 2),
        "hint_timestep": torch.tensor([0, 200]),
        "scale": torch.tensor([2.0, 4.0]),
        "picture": torch.tensor([36, 64, 8, 16]),
    }
    axes = {
        "sample": {0: "B", 2: "F", 3: "h", 4: "w"},
        "timestep": {0: "B"},
        "context": {0: "B", 1: "F or 1", 2: "T"},
        "hint": {0: "B", 2: "K", 3: "h", 4: "w"},
        "keys": {0: "F"},
        "hint_timestep": {0: "B"},
        "scale": {0: "B"},
    }
    outputs = {"prediction": ("B", config.out_channels, "F", "h", "w")}
    in_bytes = names_in_bytes(model)
    export_graph(round_to_half(round_to_byte(model), in_bytes), inputs, axes, outputs, package.folder / "enhancer.onnx", in_bytes=in_bytes)
    write_manifest(package)
    return package
