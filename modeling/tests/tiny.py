"""Families at a width that is traced in seconds: every kind of layer, two levels where there are levels."""

from dataclasses import replace

from modeling.published.enhance_unet import EnhanceUnet, EnhanceUnetConfig
from modeling.published.latte import Latte, LatteConfig
from modeling.published.open_clip_text import OpenClipText, OpenClipTextConfig
from modeling.published.registry import FAMILIES
from modeling.published.subject_unet import SubjectUnet, SubjectUnetConfig
from modeling.published.upscale_unet import UpscaleUnet, UpscaleUnetConfig

_TWO_LEVELS = {"widths": (32, 64), "attention": (True, False), "only_words": (True, False), "heads": 1, "context_width": 64, "layers": 1}
_SUBJECT = {**_TWO_LEVELS, "only_words": (False, False), "context_width": 24, "watermark_widths": (32, 32), "exemplar": 6}
TINY = {
    "lavie-vsr": lambda: UpscaleUnet(replace(UpscaleUnetConfig(), **_TWO_LEVELS)),
    "videobooth": lambda: SubjectUnet(replace(SubjectUnetConfig(), **_SUBJECT)),
    "venhancer": lambda: EnhanceUnet(EnhanceUnetConfig(4, (32, 64), (True, False), 32, 2, 24, 1)),
    "latte": lambda: Latte(LatteConfig(width=32, heads=2, layers=1, context_width=24, grid=4)),
    "svd-vae": FAMILIES["svd-vae"].small,
    "sd14-text": FAMILIES["sd14-text"].small,
    "videobooth-vision": FAMILIES["videobooth-vision"].small,
    "videobooth-text": FAMILIES["videobooth-text"].small,
    "latte-text": FAMILIES["latte-text"].small,
    "venhancer-text": lambda: OpenClipText(OpenClipTextConfig(100, 32, 2, 1, 16)),
}
