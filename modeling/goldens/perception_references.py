"""The published perception models of VBench, from their public code (`checkouts.py`)."""

import argparse
import importlib
import sys
import types

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    Owlv2Config,
    Owlv2ForObjectDetection,
)

from modeling.goldens.checkouts import checkout

_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_OPENAI = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def _prepared(frames: Tensor, mean: tuple[float, ...], deviation: tuple[float, ...]) -> Tensor:
    """What `Normalize` of torchvision makes of bytes over 255."""
    return ((frames + 1) / 2 - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(deviation).view(1, 3, 1, 1)


def _alone(repository: str, file: str, folder: str = ".") -> types.ModuleType:
    """A file whose neighbours it imports without a package; two repositories call some of theirs alike."""
    path = str(checkout(repository) / folder)
    before = set(sys.modules)
    sys.path.insert(0, path)
    module = importlib.import_module(file)
    sys.path.remove(path)
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or path).startswith(path):
            del sys.modules[name]
    return module


def dino(width: int = 768, layers: int = 12, heads: int = 12, patch: int = 16, side: int = 224) -> nn.Module:
    """As `vit_base` builds it."""
    sizes = {"embed_dim": width, "depth": layers, "num_heads": heads, "patch_size": patch, "img_size": [side]}
    norm = lambda size: nn.LayerNorm(size, eps=1e-6)  # noqa: E731
    with torch.device("cpu"):  # it reads numbers while it is built
        return _alone("dino", "vision_transformer").VisionTransformer(**sizes, mlp_ratio=4, qkv_bias=True, norm_layer=norm)


def call_dino(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    return module(_prepared(inputs["frames"], *_IMAGENET))


def clip(width: int, layers: int, heads: int, side: int, patch: int, features: int) -> nn.Module:
    """The image tower and its projection, as `CLIPModel` names them."""
    sizes = {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers, "num_attention_heads": heads}
    config = CLIPVisionConfig(
        **sizes, image_size=side, patch_size=patch, projection_dim=features, hidden_act="quick_gelu", attn_implementation="eager"
    )
    return CLIPVisionModelWithProjection(config)


def call_clip(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    return module(_prepared(inputs["frames"], *_OPENAI)).image_embeds


def clip_words(words: int, width: int, layers: int, heads: int, tokens: int, features: int) -> nn.Module:
    """The text tower and its projection; the end token of the published configuration is the highest id."""
    sizes = {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers, "num_attention_heads": heads}
    limits = {"vocab_size": words, "max_position_embeddings": tokens, "projection_dim": features, "eos_token_id": 2}
    return CLIPTextModelWithProjection(CLIPTextConfig(**sizes, **limits, hidden_act="quick_gelu", attn_implementation="eager"))


def call_clip_words(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    return module(**inputs).text_embeds


def owlv2(vision: dict[str, int], text: dict[str, int]) -> nn.Module:
    """As `google/owlv2-base-patch16-ensemble` configures it but for the sizes that are given."""

    def sizes(width: int, layers: int, heads: int, **others: int) -> dict[str, object]:
        named = {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers, "num_attention_heads": heads}
        return {**named, **others, "hidden_act": "quick_gelu"}

    config = Owlv2Config(vision_config=sizes(**vision), text_config=sizes(**text), projection_dim=text["width"], attn_implementation="eager")
    return Owlv2ForObjectDetection(config)


def call_owlv2(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """The same words for every picture."""
    frames = inputs["frames"]
    made = module(input_ids=inputs["input_ids"].repeat(len(frames), 1), pixel_values=_prepared(frames, *_OPENAI))
    return torch.cat([made.pred_boxes, made.logits], dim=-1)


def aesthetic(**sizes: int) -> nn.Module:
    """CLIP and LAION's layer, as `vbench/aesthetic_quality.py` joins them."""
    return nn.ModuleDict({**dict(clip(**sizes).named_children()), "head": nn.Linear(sizes["features"], 1)})


def call_aesthetic(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    seen = module["vision_model"](_prepared(inputs["frames"], *_OPENAI))
    features = module["visual_projection"](seen.pooler_output)
    return module["head"](F.normalize(features, dim=-1, p=2)).squeeze(-1)


def musiq(**sizes: int) -> nn.Module:
    """As published for SPAQ."""
    for name in ("pyiqa", "pyiqa.archs", "pyiqa.utils", "pyiqa.data", "pyiqa.matlab_utils"):  # without what their packages import
        if name not in sys.modules:
            module = types.ModuleType(name)
            module.__path__ = [str(checkout("IQA-PyTorch") / name.replace(".", "/"))]
            sys.modules[name] = module
    registry, helpers = types.ModuleType("pyiqa.utils.registry"), types.ModuleType("pyiqa.archs.arch_util")
    registry.ARCH_REGISTRY = types.SimpleNamespace(register=lambda: lambda kind: kind)
    helpers.dist_to_mos, helpers.load_pretrained_network = (lambda scores: scores), None
    helpers.get_url_from_name = lambda name: name
    sys.modules |= {registry.__name__: registry, helpers.__name__: helpers}
    from pyiqa.matlab_utils import padding

    sys.modules["pyiqa.matlab_utils"].ExactPadding2d = padding.ExactPadding2d
    sys.modules["pyiqa.matlab_utils"].exact_padding_2d = padding.exact_padding_2d
    from pyiqa.archs.musiq_arch import MUSIQ

    return MUSIQ(pretrained=False, **sizes)


def call_musiq(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """From the largest of the three sizes: it makes the others itself."""
    return module((inputs["frames"] + 1) / 2).squeeze(-1)


def raft() -> nn.Module:
    sys.modules.setdefault("scipy", types.ModuleType("scipy")).interpolate = None  # for a start from the frames before, which is not used
    return _alone("RAFT", "raft", "core").RAFT(argparse.Namespace(small=False, mixed_precision=False, alternate_corr=False))


def call_raft(iterations: int):
    """`iterations` of the small module."""
    return lambda module, inputs: module(*((inputs[name] + 1) * 127.5 for name in ("before", "after")), iters=iterations, test_mode=True)[1]
