"""VEnhancer's reference, with its two packages for GPUs replaced: attention by torch's, and no recomputation.

Keys are read off the published July 2024 code; results are made by the August code, which takes hints by index. Its tensors are the same.
"""

import sys
import types

import torch.nn.functional as F
from torch import Tensor, nn

from modeling.goldens.checkouts import load

_SMALL = {"dim": 64, "dim_mult": [1, 1, 2, 4], "head_dim": 32}


def public() -> nn.Module:
    """As published; checked to have the tensors of the August code."""
    july, august = (_code(name).ControlledV2VUNet() for name in ("VEnhancer", "VEnhancer-August"))
    shapes = [{key: tensor.shape for key, tensor in module.state_dict().items()} for module in (july, august)]
    if shapes[0] != shapes[1]:
        raise ValueError("the July and the August code have other tensors than one another")
    return july


def small() -> nn.Module:
    """At a small width; the width of the hint's convolution is written into the reference."""
    code = _code("VEnhancer-August")
    module = code.ControlledV2VUNet.__new__(code.ControlledV2VUNet)
    code.Vid2VidSDUNet.__init__(module, **_SMALL)
    module.VideoControlNet = code.VideoControlNet(**_SMALL)
    module.VideoControlNet.add_dim = _SMALL["dim"]
    module.VideoControlNet.input_hint_block = nn.Conv2d(4, _SMALL["dim"], 3, padding=1)
    return module


def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """One prediction."""
    mask = inputs["keys"].unsqueeze(0).expand(len(inputs["sample"]), -1)
    context = inputs["context"].squeeze(1)
    hints = {"hint": inputs["hint"], "t_hint": inputs["hint_timestep"], "s_cond": inputs["scale"], "mask_cond": mask}
    return module(inputs["sample"], inputs["timestep"], context, **hints)


def _code(repository: str) -> types.ModuleType:
    attention, recomputation = types.ModuleType("xformers.ops"), types.ModuleType("fairscale.nn.checkpoint")
    attention.memory_efficient_attention = lambda q, k, v, attn_bias, op: F.scaled_dot_product_attention(q, k, v, attn_bias)
    recomputation.checkpoint_wrapper = lambda module: module
    whole = types.ModuleType("xformers")
    whole.ops = attention
    stand_ins = {
        "xformers": whole,
        "xformers.ops": attention,
        "fairscale": types.ModuleType("fairscale"),
        "fairscale.nn": types.ModuleType("fairscale.nn"),
    }
    for name, module in {**stand_ins, "fairscale.nn.checkpoint": recomputation}.items():
        sys.modules.setdefault(name, module)
    return load(repository, "video_to_video/modules", "unet_v2v")
