"""Families at a width that is traced in seconds: every kind of layer, two levels where there are levels."""

from dataclasses import replace

from models.families.open_clip_text import OpenClipText, OpenClipTextConfig
from models.families.registry import FAMILIES
from models.families.upscale_unet import UpscaleUnet, UpscaleUnetConfig

_TWO_LEVELS = {"widths": (32, 64), "attention": (True, False), "only_words": (True, False), "heads": 1, "context_width": 64, "layers": 1}
TINY = {
    "lavie-vsr": lambda: UpscaleUnet(replace(UpscaleUnetConfig(), **_TWO_LEVELS)),
    "sd14-text": FAMILIES["sd14-text"].small,
    "videobooth-vision": FAMILIES["videobooth-vision"].small,
    "videobooth-text": FAMILIES["videobooth-text"].small,
    "latte-text": FAMILIES["latte-text"].small,
    "venhancer-text": lambda: OpenClipText(OpenClipTextConfig(100, 32, 2, 1, 16)),
}
