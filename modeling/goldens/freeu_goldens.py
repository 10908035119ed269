"""Goldens of FreeU by diffusers: `modeling/tests/goldens/freeu.npz`. Run: `python -m modeling.goldens.freeu_goldens`.

Two things are written. The operation: diffusers' `apply_freeu` on one pair of features. The whole U-Net: a small Stable Diffusion U-Net
of diffusers whose blocks call that same operation, with the stage chosen by the width of the backbone as in ChenyangSi/FreeU (diffusers
chooses it by the number of the block, which on these widths is another choice). Its weights are those of our video U-Net of the same
shape, which follow from their names; with one frame and silent temporal attention that is the same network.
"""

from pathlib import Path
from unittest import mock

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.unets import unet_2d_blocks
from diffusers.utils.torch_utils import apply_freeu

from modeling.goldens.freeu_cases import FACTORS, NARROW, WIDTHS, features, inputs, narrow_features, silent_unet

TARGET = Path(__file__).parents[1] / "tests" / "goldens" / "freeu.npz"


def by_width(_: int, hidden_states: torch.Tensor, res_hidden_states: torch.Tensor, **factors: float) -> tuple:
    """The stage rule of the official code in front of diffusers' arithmetic."""
    stage = {WIDTHS[-1]: 0, WIDTHS[1]: 1}.get(hidden_states.shape[1], 2)
    return apply_freeu(stage, hidden_states, res_hidden_states, **factors)


def whole_unet() -> dict[str, np.ndarray]:
    unet = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=WIDTHS,
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        cross_attention_dim=16,
        attention_head_dim=2,
    ).eval()
    ours = silent_unet().state_dict()
    unet.load_state_dict({key: ours[key] for key in unet.state_dict()})
    given = inputs()
    sample, context = given["sample"][:, :, 0], given["context"][:, 0]
    made = {}
    with torch.no_grad(), mock.patch.object(unet_2d_blocks, "apply_freeu", by_width):
        made["unet"] = unet(sample, given["timestep"], context).sample.numpy()
        b1, b2, s1, s2 = FACTORS
        unet.enable_freeu(s1=s1, s2=s2, b1=b1, b2=b2)
        made["unet_freeu"] = unet(sample, given["timestep"], context).sample.numpy()
    return made


def main() -> None:
    """Write the goldens."""
    made = whole_unet()
    b1, b2, s1, s2 = FACTORS
    for name, stage in [("one", 0), ("two", 1)]:
        backbone, skip = features()
        made[f"backbone_{name}"], made[f"skip_{name}"] = (x.numpy() for x in apply_freeu(stage, backbone, skip, s1=s1, s2=s2, b1=b1, b2=b2))
    for height, width in NARROW:
        backbone, skip = narrow_features(height, width)
        made[f"skip_{height}x{width}"] = apply_freeu(1, backbone, skip, s1=s1, s2=s2, b1=b1, b2=b2)[1].numpy()
    np.savez_compressed(TARGET, **made)
    print({name: value.shape for name, value in made.items()})


if __name__ == "__main__":
    main()
