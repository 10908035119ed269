"""Write `test/stage/fixtures/small-upscale/`: LaVie VSR at a small width, converted from checkpoints of seeded weights as published ones are.

python -m models.goldens.small_upscaler
"""

import json
import tempfile
from pathlib import Path

import torch

from models.convert.clip_tokenizer import END, START
from models.convert.convert import Conversion, convert
from models.families.clip_text import ClipText, ClipTextConfig
from models.families.image_autoencoder import ImageAutoencoder, ImageAutoencoderConfig
from models.goldens.family_cases import MODELS
from models.goldens.seeded import fill
from models.tests.tiny import TINY

OUT = MODELS.parent / "test" / "stage" / "fixtures" / "small-upscale"
_CONTEXT = {"width": 64, "tokens": 16}
_BUILD = {
    "lavie-vsr": TINY["lavie-vsr"],
    "x4-text": lambda: ClipText(ClipTextConfig(40, _CONTEXT["width"], 1, 1, _CONTEXT["tokens"], sigmoid_gelu=False)),
    "x4-vae": lambda: ImageAutoencoder(ImageAutoencoderConfig((32, 32, 32), 4, 1)),
}
_WORDS = {"!": 0, "a</w>": 1, "red</w>": 2, "boat</w>": 3, START: 38, END: 39}
_MERGES = ("r e", "re d</w>", "b o", "bo a", "boa t</w>")


def main() -> None:
    letters = sorted({letter for word in _WORDS if word.isalpha() or word.endswith("</w>") for letter in word.removesuffix("</w>")})
    pieces = [*letters, *(f"{letter}</w>" for letter in "dt"), *(merge.replace(" ", "") for merge in _MERGES)]
    words = _WORDS | {piece: 4 + k for k, piece in enumerate(piece for piece in dict.fromkeys(pieces) if piece not in _WORDS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {}
        for option, family in (("checkpoint", "lavie-vsr"), ("text", "x4-text"), ("vae", "x4-vae")):
            files[option] = folder / f"{family}.pt"
            torch.save(fill(_BUILD[family]()).state_dict(), files[option])
        (folder / "vocab.json").write_text(json.dumps(words))
        (folder / "merges.txt").write_text("\n".join(("#version: 0.2", *_MERGES)) + "\n")
        print(convert(Conversion("lavie-vsr", files, OUT, "fp32", folder, build=_BUILD), lambda *_: None, print))
    path = OUT / "model.json"
    manifest = json.loads(path.read_text())
    manifest |= {"context": _CONTEXT, "licence": "Apache-2.0", "source": "models/goldens/small_upscaler.py: seeded weights"}
    path.write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
