"""VideoBooth's reference, put together as its sampling script does: parts of that script are run, and old diffusers names are given back."""

import ast
import sys
import types
from typing import Optional, Union  # noqa: UP035  # the script's annotations name them

import diffusers.models.attention
import diffusers.models.modeling_utils
import torch
from einops import rearrange
from torch import Tensor, nn

from modeling.goldens.checkouts import checkout, load

_WATERMARK = "[320, 640, 640]"  #: written into the reference; a small module needs smaller ones


def unet(watermark: str = _WATERMARK, **config: object) -> nn.Module:
    """The network of the first checkpoint."""
    return _classes(watermark)["unet"].UNet3DConditionModelWaterMark(use_first_frame=True, **config)


def unet_with_exemplar(**config: object) -> nn.Module:
    """The network as it samples; keys and values that the second checkpoint replaces go by the names of those they replace."""
    module = unet("[64, 128, 128]", **config)
    script = _script()
    for name, layer in module.named_modules():
        if name.endswith("attn1"):
            layer.forward = types.MethodType(script["inj_forward_stattention"], layer)
            _alias(layer, to_k_new=layer.to_k, to_v_new=layer.to_v)
            layer.to_k_exemplar = nn.Linear(layer.to_k.in_features, layer.to_k.out_features, bias=False)
            layer.to_v_exemplar = nn.Linear(layer.to_v.in_features, layer.to_v.out_features, bias=False)
        elif name.endswith("attn2"):
            layer.forward = types.MethodType(script["inj_forward_crossattention"], layer)
            _alias(layer, to_k_global=layer.to_k, to_v_global=layer.to_v)
    return module


def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """One prediction, with or without the exemplar."""
    context, exemplar_context = inputs["context"].squeeze(1), inputs["exemplar_context"].squeeze(1)
    seen = (inputs["exemplar"], inputs["timestep"], exemplar_context) if inputs["has_exemplar"].all() else (None, None, None)
    return module(inputs["sample"], inputs["timestep"], context, *seen).sample


def mapper(width_in: int, width: int) -> nn.Module:
    """The network that makes token embeddings of an image's features."""
    return _script()["Mapper"](width_in, width)


def whole_mapper() -> nn.Module:
    """The second checkpoint: the mapper, with the layers that the script hangs into it beside those of the network."""
    made = mapper(1024, 768)
    for name, layer in unet(cross_attention_dim=768).named_modules():
        flat = name.replace(".", "_")
        kinds = {"attn1": ("_exemplar", "_new"), "attn2": ("",)}.get(name.rsplit(".", 1)[-1], ())
        for suffix in kinds:
            for part in ("to_k", "to_v"):
                shape = getattr(layer, part).weight.shape
                made.add_module(f"{flat}_{part}{suffix}", nn.Linear(shape[1], shape[0], bias=False))
    return made


def _alias(layer: nn.Module, **modules: nn.Module) -> None:
    """Attributes that are not part of the state dict."""
    for name, module in modules.items():
        object.__setattr__(layer, name, module)


def _classes(watermark: str) -> dict[str, types.ModuleType]:
    """The reference's module, with `diffusers` names as of version 0.11, which LaVie has a copy of."""
    sys.modules.setdefault("diffusers.modeling_utils", diffusers.models.modeling_utils)
    old = load("LaVie", "base/models", "attention").CrossAttention
    diffusers.models.attention.CrossAttention = type("CrossAttention", (old,), {})
    load("VideoBooth", "models", "unet_blocks")
    module = types.ModuleType(f"reference_VideoBooth_models.unet{len(watermark)}")
    module.__package__ = "reference_VideoBooth_models"
    sys.modules[module.__name__] = module
    source = (checkout("VideoBooth") / "models/unet.py").read_text()
    exec(compile(source.replace(_WATERMARK, watermark), "unet.py", "exec"), module.__dict__)
    return {"unet": module}


def _script() -> dict[str, object]:
    """The mapper and the two attention functions of the sampling script, without its other imports."""
    tree = ast.parse((checkout("VideoBooth") / "sample_scripts/sample.py").read_text())
    wanted = ("Mapper", "inj_forward_crossattention", "inj_forward_stattention")
    tree.body = [node for node in tree.body if getattr(node, "name", None) in wanted]
    names = {"torch": torch, "nn": nn, "rearrange": rearrange, "Optional": Optional, "Tuple": tuple, "Union": Union}
    exec(compile(tree, "sample.py", "exec"), names)
    return names
