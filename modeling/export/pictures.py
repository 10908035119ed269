"""Exporters of the models that see pictures and not latents: upscaler, probe and detector."""

from pathlib import Path

import torch

from modeling.export.graph import export_graph, round_to_half
from modeling.export.package import MODELS, Package, write_manifest
from modeling.export.roles import HEIGHT, VERSION, WIDTH
from modeling.pocket.detector import STRIDE, Detector
from modeling.pocket.probe import Probe
from modeling.pocket.upscaler import PlaneWriter, Upscaler
from modeling.world import vocabulary


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


def export_probe(probe: Probe, accuracy: dict[str, float], provenance: dict, root: Path = MODELS) -> Package:
    """The probe; the manifest says which word each logit stands for, and how often each head is right on unseen clips."""
    kinds = [kind for kind, _ in probe.config.kinds]
    fields = {
        "native": {"width": WIDTH, "height": HEIGHT, "frames": probe.config.frames},
        "attributes": {kind: list(vocabulary.KINDS[kind]) for kind in kinds},
        "accuracy": _rounded(accuracy),
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


def export_detector(detector: Detector, accuracy: dict[str, float], provenance: dict, root: Path = MODELS) -> Package:
    """The detector; the manifest says which word each logit stands for, and how often each head is right on unseen pictures."""
    config, far = detector.config, detector.config.widths[-1]
    fields = {
        "native": {"width": WIDTH, "height": HEIGHT, "frames": 1},
        "attributes": {kind: list(vocabulary.KINDS[kind]) for kind in ("object", "colour", "place", "sky")},
        "accuracy": _rounded(accuracy),
    }
    package = Package("pocket-detector", "detector", VERSION, {"detector": "detector.onnx"}, provenance, fields, root)
    rows, columns = HEIGHT // STRIDE, WIDTH // STRIDE
    export_graph(
        round_to_half(detector),
        {"frames": torch.randn(2, 3, HEIGHT, WIDTH)},
        {"frames": {0: "N"}},
        {
            "presence": ("N", rows, columns),
            "object": ("N", config.objects, rows, columns),
            "colour": ("N", config.colours, rows, columns),
            "box": ("N", 4, rows, columns),
            "place": ("N", config.places),
            "sky": ("N", config.skies),
            "subject": ("N", far),
            "background": ("N", far),
        },
        package.folder / "detector.onnx",
    )
    write_manifest(package)
    return package


def _rounded(accuracy: dict[str, float]) -> dict[str, float]:
    return {head: round(share, 4) for head, share in accuracy.items()}
