"""One exporter per role of the pocket set: example inputs, dynamic axes and manifest fields of the contract."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from modeling.export.graph import export_graph, names_in_bytes, round_to_byte, round_to_half
from modeling.export.package import MODELS, Package, write_manifest
from modeling.pocket.autoencoder import Decoder, Encoder
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.interpolator import InterpDenoiser
from modeling.pocket.latte import Latte, LatteConfig
from modeling.pocket.subject import SubjectConfig, SubjectDenoiser, VisionEncoder
from modeling.pocket.text import TextEncoder
from modeling.pocket.transition import TransitionDenoiser
from modeling.world import vocabulary

VERSION = "0.1.0"
HEIGHT, WIDTH = 144, 256
DOWNSCALE = 16
SCHEDULE = {"kind": "cosine", "shift": 2.0, "trainSteps": 1000}
SAMPLERS = {
    "base": {"kind": "dpmpp-2m", "steps": 12, "guidance": 3.0, "spacing": "trailing"},
    "interp": {"kind": "ddim", "steps": 2, "guidance": 1.0, "spacing": "trailing"},
    "transition": {"kind": "dpmpp-2m", "steps": 10, "guidance": 1.0, "spacing": "trailing"},
}
PRESETS = {
    "base": {"presets": {"draft": {"steps": 6}, "high": {"steps": 25}}},
    "interp": {},
    "transition": {"presets": {"draft": {"steps": 5}, "high": {"steps": 20}}},
}
FRAMES = {"base": 16, "interp": 61, "transition": 16}
FREEU = {"b1": 1.1, "b2": 1.1, "s1": 0.9, "s2": 0.9}


def export_text(encoder: TextEncoder, tokenizer: Tokenizer, provenance: dict, root: Path = MODELS) -> Package:
    """Encoder graph, tokenizer and vocabulary."""
    tokens, width = encoder.position.shape
    package = Package("pocket-text", "text", VERSION, {"encoder": "encoder.onnx"}, provenance, {"context": {"width": width, "tokens": tokens}}, root)
    export_graph(
        round_to_half(encoder),
        {"input_ids": torch.randint(0, 300, (2, tokens - 2))},
        {"input_ids": {0: "B", 1: "T"}},
        {"context": ("B", "T", width)},
        package.folder / "encoder.onnx",
    )
    tokenizer.save(str(package.folder / "tokenizer.json"))
    (package.folder / "vocabulary.json").write_text(json.dumps(vocabulary.as_data(), indent=2) + "\n")
    write_manifest(package)
    return package


def export_vae(encoder: Encoder, decoder: Decoder, provenance: dict, root: Path = MODELS) -> Package:
    """Encoder and decoder graphs."""
    channels = len(encoder.mean)
    package = Package(
        "pocket-vae",
        "vae",
        VERSION,
        {"encoder": "encoder.onnx", "decoder": "decoder.onnx"},
        provenance,
        {"latent": {"channels": channels, "downscale": DOWNSCALE, "scale": 1.0}, "native": {"width": WIDTH, "height": HEIGHT, "frames": 1}},
        root,
    )
    frames, latents = {0: "N", 2: "H", 3: "W"}, {0: "N", 2: "h", 3: "w"}
    export_graph(
        round_to_half(encoder),
        {"frames": torch.randn(2, 3, 64, 96)},
        {"frames": frames},
        {"latents": ("N", channels, "h", "w")},
        package.folder / "encoder.onnx",
        multiples={"H": DOWNSCALE, "W": DOWNSCALE},
    )
    export_graph(
        round_to_half(decoder),
        {"latents": torch.randn(2, channels, 4, 6)},
        {"latents": latents},
        {"frames": ("N", 3, "H", "W")},
        package.folder / "decoder.onnx",
    )
    write_manifest(package)
    return package


def export_denoiser(
    denoiser: Denoiser | InterpDenoiser | TransitionDenoiser, role: str, tokens: int, provenance: dict, root: Path = MODELS
) -> Package:
    """The graph of a base, interp or transition model."""
    config = denoiser.config
    package = Package(
        f"pocket-{role}",
        role,
        VERSION,
        {"denoiser": "denoiser.onnx"},
        provenance,
        _denoiser_fields(config, role, tokens),
        root,
    )
    _export_clips(round_to_half(denoiser), denoiser.channels_in, tokens, package, {}, {})
    write_manifest(package)
    return package


def _denoiser_fields(config: DenoiserConfig | LatteConfig, role: str, tokens: int) -> dict:
    return {
        "prediction": "v",
        "schedule": SCHEDULE,
        "latent": {"channels": config.out_channels, "downscale": DOWNSCALE, "scale": 1.0},
        "native": {"width": WIDTH, "height": HEIGHT, "frames": FRAMES[role]},
        "context": {"width": config.context_width, "tokens": tokens},
        "sampler": SAMPLERS[role],
        **PRESETS[role],
        "freeu": FREEU,
    }


def _export_clips(
    denoiser: nn.Module,
    channels: int,
    tokens: int,
    package: Package,
    told: dict[str, Tensor],
    told_axes: dict[str, dict[int, str]],
    in_bytes: frozenset[str] = frozenset(),
) -> None:
    """Write the graph of a denoiser of clips; `told`: example inputs beyond those of every denoiser."""
    frames = 4
    inputs = {
        "sample": torch.randn(2, channels, frames, 9, 16),
        "timestep": torch.tensor([3, 900]),
        "context": torch.randn(2, frames, tokens, denoiser.config.context_width),
        "freeu": torch.ones(4),
        "windows": torch.stack([torch.arange(3), torch.arange(1, 4)]),
        "window_weights": torch.ones(2, 3),
        **told,
    }
    axes = {
        "sample": {0: "B", 2: "F", 3: "h", 4: "w"},
        "timestep": {0: "B"},
        "context": {0: "B", 1: "F or 1", 2: "T"},
        "windows": {0: "n", 1: "L"},
        "window_weights": {0: "n", 1: "L"},
        **told_axes,
    }
    outputs = {"prediction": ("B", denoiser.config.out_channels, "F", "h", "w")}
    export_graph(denoiser, inputs, axes, outputs, package.folder / "denoiser.onnx", in_bytes=in_bytes)


def export_latte(latte: Latte, tokens: int, provenance: dict, root: Path = MODELS) -> Package:
    """The graph of the transformer that can stand in for the base; its weights are kept in bytes."""
    fields = {**_denoiser_fields(latte.config, "base", tokens), "freeu": False}
    package = Package("pocket-latte", "base", VERSION, {"denoiser": "denoiser.onnx"}, provenance, fields, root)
    in_bytes = names_in_bytes(latte)
    _export_clips(round_to_half(round_to_byte(latte), in_bytes), latte.config.in_channels, tokens, package, {}, {}, in_bytes)
    write_manifest(package)
    return package


def export_subject(vision: VisionEncoder, denoiser: SubjectDenoiser, tokens: int, provenance: dict, root: Path = MODELS) -> Package:
    """Vision encoder and denoiser of shots with a subject, the base in it; their weights are kept in bytes."""
    config, sizes = denoiser.config, SubjectConfig()
    fields = _denoiser_fields(config, "base", tokens) | {"subject": {"picture": sizes.picture, "tokens": sizes.tokens}}
    graphs = {"vision": "vision.onnx", "denoiser": "denoiser.onnx"}
    package = Package("pocket-subject", "subject", VERSION, graphs, provenance, fields, root)
    in_bytes = names_in_bytes(vision)
    export_graph(
        round_to_half(round_to_byte(vision), in_bytes),
        {"picture": torch.randn(2, 3, sizes.picture, sizes.picture), "word": torch.randn(2, config.context_width)},
        {"picture": {0: "B"}, "word": {0: "B"}},
        {"tokens": ("B", sizes.tokens, config.context_width)},
        package.folder / "vision.onnx",
        in_bytes=in_bytes,
    )
    side = sizes.picture // DOWNSCALE
    told = {"exemplar": torch.randn(2, config.out_channels, side, side), "has_exemplar": torch.ones(2)}
    in_bytes = names_in_bytes(denoiser)
    axes = {"exemplar": {0: "B"}, "has_exemplar": {0: "B"}}
    _export_clips(round_to_half(round_to_byte(denoiser), in_bytes), config.in_channels, tokens, package, told, axes, in_bytes)
    write_manifest(package)
    return package


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a text package."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))
