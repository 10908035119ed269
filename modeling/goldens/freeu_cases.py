"""What the goldens of FreeU are made from, here and in `modeling/tests/test_freeu.py`."""

import torch
from torch import Tensor

from modeling.goldens.seeded import fill, normal_like
from modeling.published.transformer import Layout
from modeling.published.video_unet import VideoUnet, VideoUnetConfig

WIDTHS = (32, 64, 128, 128)
FACTORS = (1.3, 1.4, 0.9, 0.2)  #: b1, b2, s1, s2 of Stable Diffusion 1.4


def silent_unet() -> VideoUnet:
    """A small video U-Net with FreeU of version 1 whose temporal attention adds nothing: for one frame, a picture U-Net."""
    config = VideoUnetConfig(widths=WIDTHS, heads=2, context_width=16, layout=Layout(positions=False), freeu=1)
    unet = fill(VideoUnet(config))
    with torch.no_grad():
        for name, tensor in unet.state_dict().items():
            if ".attn_temp.to_out." in name:
                tensor.zero_()
    return unet


def inputs() -> dict[str, Tensor]:
    """A call of that U-Net with one frame."""
    return {
        "sample": normal_like("freeu sample", 2, 4, 1, 16, 24),
        "timestep": torch.tensor([17, 730]),
        "context": normal_like("freeu context", 2, 1, 5, 16),
    }


def features() -> tuple[Tensor, Tensor]:
    """Backbone and skip of an odd size."""
    return normal_like("freeu backbone", 2, 8, 9, 14), normal_like("freeu skip", 2, 6, 9, 14)


NARROW = ((1, 9), (9, 1), (1, 1), (2, 1), (2, 2))  #: height and width of maps with an axis of a cell or two


def narrow_features(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Backbone and skip of such a map."""
    return normal_like(f"freeu backbone {height} {width}", 3, 4, height, width), normal_like(f"freeu skip {height} {width}", 3, 10, height, width)
