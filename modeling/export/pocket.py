"""Export the trained pocket set: `python -m modeling.export.pocket [role ...]`; without roles all of them, then the set file."""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from modeling.accuracy import detector_accuracy
from modeling.export.enhance import export_enhance
from modeling.export.package import MODELS, write_set
from modeling.export.pictures import export_detector, export_probe, export_upscale
from modeling.export.roles import export_denoiser, export_latte, export_subject, export_text, export_vae
from modeling.train.base import TOKENS, load_base
from modeling.train.detector import floats, load_detector, load_pictures
from modeling.train.enhance import load_enhancer
from modeling.train.interp import load_interp
from modeling.train.latents import load_autoencoder
from modeling.train.latte import load_latte
from modeling.train.probe import accuracy, load_clips, load_probe
from modeling.train.run import CACHE
from modeling.train.subject import load_subject
from modeling.train.transition import load_transition
from modeling.train.upscale import load_upscaler

SET = {role: f"pocket-{role}" for role in ("text", "vae", "base", "interp", "transition", "subject", "enhance", "upscale", "probe", "detector")}
#: What a script may choose in place of a package of the set, by role and by the name it is chosen by.
ALTERNATIVES = {"base": {"latte": "pocket-latte"}}


#: Clips and pictures that training never saw, on which the manifests' accuracies are measured.
UNSEEN = {"probe": 256, "detector": 512}


def _provenance(*runs: str) -> dict:
    """Steps and last losses of the runs that made a model."""
    logs = {run: torch.load(CACHE / f"{run}.pt", weights_only=True)["log"] for run in runs if (CACHE / f"{run}.pt").exists()}
    return {"command": "python -m modeling.remake", "runs": {run: log[-1] for run, log in logs.items() if log}}


def _text(root: Path) -> None:
    model, tokenizer = load_base()
    export_text(model.text, tokenizer, _provenance("base-images", "base-short", "base-full", "base-finish"), root)


def _vae(root: Path) -> None:
    model = load_autoencoder()
    export_vae(model.encoder, model.decoder, _provenance("vae", "vae-decoder"), root)


def _base(root: Path) -> None:
    model, _ = load_base()
    export_denoiser(model.denoiser, "base", TOKENS, _provenance("base-images", "base-short", "base-full", "base-finish"), root)


def _interp(root: Path) -> None:
    export_denoiser(load_interp(), "interp", TOKENS, _provenance("interp", "ink", "cutter", "director"), root)


def _transition(root: Path) -> None:
    export_denoiser(load_transition(), "transition", TOKENS, _provenance("transition", "ink", "cutter", "director"), root)


def _enhance(root: Path) -> None:
    export_enhance(load_enhancer(), TOKENS, _provenance("enhance"), root)


def _latte(root: Path) -> None:
    export_latte(load_latte(), TOKENS, _provenance("latte-images", "latte-clips"), root)


def _subject(root: Path) -> None:
    model = load_subject()
    export_subject(model.vision, model.denoiser, TOKENS, _provenance("subject"), root)


def _upscale(root: Path) -> None:
    export_upscale(load_upscaler(), _provenance("upscale"), root)


def _probe(root: Path) -> None:
    model = load_probe()
    export_probe(model, accuracy(model, *load_clips(UNSEEN["probe"], 42, held_out=True)), _provenance("probe"), root)


def _detector(root: Path) -> None:
    model = load_detector()
    right = detector_accuracy(lambda part: model.judge(floats(part)), *load_pictures(UNSEEN["detector"], 52, held_out=True))
    export_detector(model, right, _provenance("detector"), root)


EXPORTERS: dict[str, Callable[[Path], None]] = {
    "text": _text,
    "vae": _vae,
    "base": _base,
    "interp": _interp,
    "transition": _transition,
    "latte": _latte,
    "subject": _subject,
    "enhance": _enhance,
    "upscale": _upscale,
    "probe": _probe,
    "detector": _detector,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roles", nargs="*", choices=[*EXPORTERS, []])
    parser.add_argument("--into", type=Path, default=MODELS, help="folder with packages/ and sets/")
    options = parser.parse_args()
    for role in options.roles or EXPORTERS:
        EXPORTERS[role](options.into)
        print(f"exported {role}", flush=True)

    def is_there(package: str) -> bool:
        return (options.into / "packages" / package).exists()

    chosen = {role: {name: package for name, package in names.items() if is_there(package)} for role, names in ALTERNATIVES.items()}
    write_set("pocket", {role: package for role, package in SET.items() if is_there(package)}, options.into, alternatives=chosen)


if __name__ == "__main__":
    main()
