"""Exporters of the models that see pictures and not latents: upscaler and probe."""

from pathlib import Path

import torch

from models.export.graph import export_graph, round_to_half
from models.export.package import MODELS, Package, write_manifest
from models.export.roles import HEIGHT, VERSION, WIDTH
from models.modules.probe import Probe
from models.modules.upscaler import PlaneWriter, Upscaler
from models.world import vocabulary


def export_upscale(upscaler: Upscaler, provenance: dict, root: Path = MODELS) -> Package:
    """The upscaler with its last step: 8-bit planes."""
    fields = {"native": {"width": WIDTH, "height": HEIGHT, "frames": 1}}
    package = Package("pocket-upscale", "upscale", VERSION, {"upscaler": "upscaler.onnx"}, provenance, fields, root)
    export_graph(
        PlaneWriter(round_to_half(upscaler)),
        {"frames": torch.randn(2, 3, 18, 32), "size": torch.tensor([72, 128])},
        {"frames": {0: "N", 2: "h", 3: "w"}},
        {"y": ("N", "H", "W"), "u": ("N", "H/2", "W/2"), "v": ("N", "H/2", "W/2")},
        package.folder / "upscaler.onnx",
        traced=True,
    )
    write_manifest(package)
    return package


def export_probe(probe: Probe, provenance: dict, root: Path = MODELS) -> Package:
    """The probe; the manifest says which word each logit stands for."""
    kinds = [kind for kind, _ in probe.config.kinds]
    fields = {
        "native": {"width": WIDTH, "height": HEIGHT, "frames": probe.config.frames},
        "attributes": {kind: list(vocabulary.KINDS[kind]) for kind in kinds},
    }
    package = Package("pocket-probe", "probe", VERSION, {"probe": "probe.onnx"}, provenance, fields, root)
    export_graph(
        round_to_half(probe),
        {"frames": torch.randn(2, probe.config.frames, 3, HEIGHT, WIDTH)},
        {"frames": {0: "B"}},
        {kind: ("B", words) for kind, words in probe.config.kinds},
        package.folder / "probe.onnx",
    )
    write_manifest(package)
    return package
