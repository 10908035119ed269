"""Make checkpoints from the packages in git, so that training goes on from them: `python -m modeling.train.restore`.

Afterwards the commands of `modeling.train` (`base --stage finish`, `interp`, `transition`, `enhance`, `upscale`, `probe`,
`vae --decoder-only`) start from the shipped weights. Checkpoints that exist are kept.
"""

import json
import shutil
from collections.abc import Callable

import torch
from torch import nn

from modeling.export.graph import weights_of
from modeling.export.load_back import load_back
from modeling.export.package import MODELS
from modeling.pocket.autoencoder import AutoencoderConfig
from modeling.pocket.enhancer import Enhancer
from modeling.pocket.latte import Latte, LatteConfig
from modeling.pocket.probe import Probe
from modeling.pocket.upscaler import PlaneWriter, Upscaler, UpscalerConfig
from modeling.train import interp, transition
from modeling.train.base import build, load_tokenizer
from modeling.train.probe import probe_config
from modeling.train.run import CACHE
from modeling.train.subject import Subject
from modeling.train.vae import FINAL, Autoencoder

PACKAGES = MODELS / "packages"


def restore_denoiser(module: nn.Module, package: str) -> nn.Module:
    """A denoiser with the weights of a package."""
    return load_back(module, PACKAGES / package / "denoiser.onnx")


def restore_part(module: nn.Module, prefix: str, package: str = "pocket-transition") -> nn.Module:
    """A part of a denoiser with the weights of the package."""
    weights = weights_of(PACKAGES / package / "denoiser.onnx")
    module.load_state_dict({name: weights[f"{prefix}.{name}"].reshape(tensor.shape) for name, tensor in module.state_dict().items()})
    return module


def restore_autoencoder() -> nn.Module:
    """Encoder and decoder with the weights of the package."""
    model = Autoencoder(AutoencoderConfig())
    load_back(model.encoder, PACKAGES / "pocket-vae" / "encoder.onnx")
    load_back(model.decoder, PACKAGES / "pocket-vae" / "decoder.onnx")
    return model


def restore_base() -> nn.Module:
    """Text encoder and base denoiser with the weights of their packages."""
    model = build(load_tokenizer())
    load_back(model.text, PACKAGES / "pocket-text" / "encoder.onnx")
    load_back(model.denoiser, PACKAGES / "pocket-base" / "denoiser.onnx")
    return model


def restore_upscaler() -> nn.Module:
    """The upscaler with the weights of its package."""
    return load_back(PlaneWriter(Upscaler(UpscalerConfig())), PACKAGES / "pocket-upscale" / "upscaler.onnx").upscaler


def restore_probe() -> nn.Module:
    """The probe with the weights of its package."""
    return load_back(Probe(probe_config()), PACKAGES / "pocket-probe" / "probe.onnx")


def restore_subject() -> nn.Module:
    """Vision encoder and subject denoiser with the weights of their package, base included."""
    model = Subject()
    load_back(model.vision, PACKAGES / "pocket-subject" / "vision.onnx")
    load_back(model.denoiser, PACKAGES / "pocket-subject" / "denoiser.onnx")
    return model


def last_entry(run: str) -> list[dict]:
    """What the manifests say of a run: its steps and its last loss."""
    manifests = [json.loads(path.read_text()) for path in sorted(PACKAGES.glob("*/model.json"))]
    return [runs[run] for runs in (manifest.get("provenance", {}).get("runs", {}) for manifest in manifests) if run in runs][:1]


def main() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    if not (CACHE / "tokenizer.json").exists():
        shutil.copy(PACKAGES / "pocket-text" / "tokenizer.json", CACHE / "tokenizer.json")
    makers: dict[str, Callable[[], nn.Module]] = {
        "base-finish": restore_base,
        "interp": lambda: restore_part(interp.build().denoiser, "denoiser", "pocket-interp"),
        "transition": lambda: restore_part(transition.build().denoiser, "denoiser"),
        "ink": lambda: restore_part(transition.build().theatre.ink, "theatre.ink"),
        "cutter": lambda: restore_part(transition.build().theatre.cutter, "theatre.cutter"),
        "director": lambda: restore_part(transition.build().theatre.director, "theatre.director"),
        "latte-clips": lambda: restore_denoiser(Latte(LatteConfig()), "pocket-latte"),
        "subject": restore_subject,
        "enhance": lambda: load_back(Enhancer(), PACKAGES / "pocket-enhance" / "enhancer.onnx"),
        "upscale": restore_upscaler,
        "probe": restore_probe,
    }
    if not FINAL.exists():
        torch.save(restore_autoencoder().state_dict(), FINAL)
    for name, make in makers.items():
        path = CACHE / f"{name}.pt"
        if not path.exists():
            torch.save({"average": make().state_dict(), "log": last_entry(name)}, path)
            print(f"restored {name}")


if __name__ == "__main__":
    main()
