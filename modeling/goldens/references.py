"""The published module of each family, from the public reference code (`checkouts.py`)."""

import json
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL, AutoencoderKLTemporalDecoder, LatteTransformer3DModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModel, T5Config, T5EncoderModel
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from modeling.goldens import perception_references as perception
from modeling.goldens import venhancer_reference as venhancer
from modeling.goldens import videobooth_reference as videobooth
from modeling.goldens.checkouts import checkout, load

_SMALL = {"block_out_channels": (64, 64, 128, 128), "attention_head_dim": 2, "cross_attention_dim": 24}


@dataclass(frozen=True)
class Reference:
    """The published module of a family: how it is built at both sizes, and how it is called with the inputs of a case."""

    public: Callable[[], nn.Module]
    small: Callable[[], nn.Module]
    call: Callable[[nn.Module, dict[str, Tensor]], Tensor]


def _video_unet(repository: str, folder: str, in_channels: int, **extra: object) -> Reference:
    def build(**sizes: object) -> nn.Module:
        return load(repository, folder, "unet").UNet3DConditionModel(in_channels=in_channels, **extra, **sizes)

    def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        return module(inputs["sample"], inputs["timestep"], encoder_hidden_states=inputs["context"].squeeze(1)).sample

    return Reference(lambda: build(cross_attention_dim=768), lambda: build(**_SMALL), call)


def _vsr() -> Reference:
    def build(**sizes: object) -> nn.Module:
        sys.modules.setdefault("torchvision", types.ModuleType("torchvision"))  # imported for deformable convolutions, which are switched off
        published = json.loads((checkout("LaVie") / "vsr/configs/unet_3d_config.json").read_text())
        config = {key: value for key, value in published.items() if not key.startswith(("_", "freeze"))}
        return load("LaVie", "vsr/models", "unet").UNet3DVSRModel(**{**config, **sizes})

    def call(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        latents, low = inputs["sample"][:, :4], inputs["sample"][:, 4:]
        return module(latents, inputs["timestep"], low, inputs["context"].squeeze(1), class_labels=inputs["noise_level"]).sample

    return Reference(build, lambda: build(**_SMALL), call)


def _clip_text(config: dict[str, int], activation: str = "quick_gelu") -> nn.Module:
    whole = {**config, "intermediate_size": 4 * config["hidden_size"], "hidden_act": activation}
    return nn.ModuleDict({"text_model": CLIPTextModel(CLIPTextConfig(**whole, attn_implementation="eager"))})  # the name it had


def _autoencoder(widths: tuple[int, ...], layers: int) -> nn.Module:
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * len(widths), "up_block_types": ("UpDecoderBlock2D",) * len(widths)}
    return AutoencoderKL(block_out_channels=widths, layers_per_block=layers, latent_channels=4, norm_num_groups=32, **blocks)


def _temporal_autoencoder(widths: tuple[int, ...]) -> nn.Module:
    return AutoencoderKLTemporalDecoder(
        block_out_channels=widths, layers_per_block=2, latent_channels=4, down_block_types=("DownEncoderBlock2D",) * len(widths)
    )


def _latte(heads: int, head_width: int, layers: int, caption: int, size: int, frames: int) -> nn.Module:
    """As in the published `transformer/config.json`."""
    return LatteTransformer3DModel(
        num_attention_heads=heads,
        attention_head_dim=head_width,
        in_channels=4,
        out_channels=8,
        num_layers=layers,
        cross_attention_dim=heads * head_width,
        attention_bias=True,
        sample_size=size,
        patch_size=2,
        activation_fn="gelu-approximate",
        num_embeds_ada_norm=1000,
        norm_type="ada_norm_single",
        norm_elementwise_affine=False,
        norm_eps=1e-6,
        caption_channels=caption,
        video_length=frames,
    )


def _call_latte(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Positions of frames are a constant of the module; a shorter clip takes the first of them."""
    frames = inputs["sample"].shape[2]
    whole = module.temp_pos_embed
    module.temp_pos_embed = whole[:, :frames]
    made = module(inputs["sample"], inputs["timestep"], inputs["context"].squeeze(1)).sample
    module.temp_pos_embed = whole
    return made


def _open_clip(width: int, heads: int, layers: int, tokens: int, words: int) -> nn.Module:
    misc = types.ModuleType("torchvision.ops.misc")  # imported for the image towers
    misc.FrozenBatchNorm2d = nn.BatchNorm2d
    for module in ("torchvision", "torchvision.ops"):
        sys.modules.setdefault(module, types.ModuleType(module))
    sys.modules.setdefault(misc.__name__, misc)
    tower = load("open_clip", "src/open_clip", "transformer").TextTransformer
    return tower(context_length=tokens, vocab_size=words, width=width, heads=heads, layers=layers, output_dim=width)


def _call_open_clip(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """All layers but the last, then the last norm, as VEnhancer's embedder does it."""
    ids = inputs["input_ids"]
    length = ids.shape[1]
    x = module.token_embedding(ids) + module.positional_embedding[:length]
    for block in module.transformer.resblocks[:-1]:
        x = block(x, attn_mask=module.attn_mask[:length, :length])
    return module.ln_final(x)


def _t5(words: int, width: int, inner: int, hidden: int, layers: int, heads: int) -> nn.Module:
    sizes = {"vocab_size": words, "d_model": width, "d_kv": inner // heads, "d_ff": hidden, "num_layers": layers, "num_heads": heads}
    return T5EncoderModel(T5Config(**sizes, feed_forward_proj="gated-gelu", relative_attention_max_distance=128))


def _call_t5(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    ids = inputs["input_ids"]
    return module(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state


def _clip_vision(width: int, layers: int, heads: int, side: int) -> nn.Module:
    sizes = {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers, "num_attention_heads": heads}
    config = CLIPVisionConfig(**sizes, image_size=side, patch_size=14, hidden_act="quick_gelu", attn_implementation="eager")
    return nn.ModuleDict({"vision_model": CLIPVisionModel(config)})  # the name it had


def _small_vision() -> nn.Module:
    return nn.ModuleDict({**_clip_vision(32, 3, 2, 28), "mapper": videobooth.mapper(32, 24)})


def _call_vision(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """CLIP's own preparation of a picture, the states that the sampling script takes, and its mapper."""
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))
    seen = nn.functional.interpolate(inputs["picture"], size=(28, 28), mode="bilinear")
    made = module["vision_model"](((seen + 1) / 2 - mean) / deviation, output_hidden_states=True)
    return module["mapper"]([made.last_hidden_state, *(made.hidden_states[k] for k in (1, 2, 2, 0))])


def _call_subject_text(module: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Word embeddings of the subject overwrite those of the words, sentence by sentence, as the sampling script does it."""

    def put(_module: nn.Module, _inputs: tuple, words: Tensor) -> Tensor:
        for sentence, (tokens, place) in enumerate(zip(inputs["tokens"], inputs["place"].tolist(), strict=True)):
            if place >= 0:
                words[sentence, place : place + len(tokens)] = tokens
        return words

    tower = module["text_model"]
    hook = tower.get_input_embeddings().register_forward_hook(put)
    made = tower(input_ids=inputs["input_ids"]).last_hidden_state
    hook.remove()
    return made


_CLIP = {"vocab_size": 49_408, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 77}
_SMALL_CLIP = {"vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 16}

_OWL_VISION = {"width": 768, "layers": 12, "heads": 12, "image_size": 960, "patch_size": 16}
_OWL_TEXT = {"width": 512, "layers": 12, "heads": 8, "vocab_size": 49_408, "max_position_embeddings": 16}

REFERENCES = {
    "lavie-base": _video_unet("LaVie", "base/models", 4),
    "lavie-interpolation": _video_unet("LaVie", "interpolation/models", 8, use_first_frame=True),
    "lavie-vsr": _vsr(),
    "seine": _video_unet("SEINE", "models", 9),
    "sd14-text": Reference(
        lambda: _clip_text(_CLIP),
        lambda: _clip_text(_SMALL_CLIP),
        lambda module, inputs: module["text_model"](**inputs).last_hidden_state,
    ),
    "sd14-vae": Reference(
        lambda: _autoencoder((128, 256, 512, 512), 2),
        lambda: _autoencoder((32, 64), 1),
        lambda module, inputs: module.decode(module.encode(inputs["frames"]).latent_dist.mean).sample,
    ),
    "x4-text": Reference(
        lambda: _clip_text({**_CLIP, "hidden_size": 1024, "num_hidden_layers": 23, "num_attention_heads": 16}, "gelu"),
        lambda: _clip_text(_SMALL_CLIP, "gelu"),
        lambda module, inputs: module["text_model"](**inputs).last_hidden_state,
    ),
    "x4-vae": Reference(
        lambda: _autoencoder((128, 256, 512), 2),
        lambda: _autoencoder((32, 64, 64), 1),
        lambda module, inputs: module.decode(module.encode(inputs["frames"]).latent_dist.mean).sample,
    ),
    "svd-vae": Reference(
        lambda: _temporal_autoencoder((128, 256, 512, 512)),
        lambda: _temporal_autoencoder((32, 64)),
        lambda module, inputs: module.decode(module.encode(inputs["frames"]).latent_dist.mean, num_frames=len(inputs["frames"])).sample,
    ),
    "latte": Reference(lambda: _latte(16, 72, 28, 4096, 64, 16), lambda: _latte(2, 32, 2, 24, 8, 16), _call_latte),
    "venhancer": Reference(venhancer.public, venhancer.small, venhancer.call),
    "venhancer-text": Reference(lambda: _open_clip(1024, 16, 24, 77, 49_408), lambda: _open_clip(64, 2, 3, 16, 100), _call_open_clip),
    "videobooth-text": Reference(lambda: _clip_text(_CLIP), lambda: _clip_text(_SMALL_CLIP), _call_subject_text),
    "latte-text": Reference(lambda: _t5(32_128, 4096, 4096, 10_240, 24, 64), lambda: _t5(100, 32, 48, 40, 2, 3), _call_t5),
    "videobooth-vision": Reference(lambda: _clip_vision(1024, 24, 16, 224), _small_vision, _call_vision),
    "dino-vitb16": Reference(perception.dino, lambda: perception.dino(32, 2, 2, 8, 32), perception.call_dino),
    "clip-vitb32": Reference(lambda: perception.clip(768, 12, 12, 224, 32, 512), lambda: perception.clip(32, 2, 2, 28, 7, 24), perception.call_clip),
    "clip-vitb32-text": Reference(
        lambda: perception.clip_words(49_408, 512, 12, 8, 77, 512),
        lambda: perception.clip_words(100, 64, 2, 2, 16, 24),
        perception.call_clip_words,
    ),
    "clip-vitl14": Reference(
        lambda: perception.clip(1024, 24, 16, 224, 14, 768), lambda: perception.clip(32, 2, 2, 28, 14, 24), perception.call_clip
    ),
    "laion-aesthetic": Reference(lambda: nn.Linear(768, 1), lambda: nn.Linear(24, 1), lambda module, inputs: module(inputs["features"])),
    "clip-vitl14-aesthetic": Reference(
        lambda: perception.aesthetic(width=1024, layers=24, heads=16, side=224, patch=14, features=768),
        lambda: perception.aesthetic(width=32, layers=2, heads=2, side=28, patch=14, features=24),
        perception.call_aesthetic,
    ),
    "musiq-spaq": Reference(perception.musiq, lambda: perception.musiq(hidden_size=64, mlp_dim=64, num_layers=2, num_heads=2), perception.call_musiq),
    "owlv2-base": Reference(
        lambda: perception.owlv2(_OWL_VISION, _OWL_TEXT),
        lambda: perception.owlv2(
            {"width": 32, "layers": 2, "heads": 2, "image_size": 28, "patch_size": 7},
            {"width": 64, "layers": 2, "heads": 2, "vocab_size": 100, "max_position_embeddings": 16},
        ),
        perception.call_owlv2,
    ),
    "raft-things": Reference(perception.raft, perception.raft, perception.call_raft(2)),
    "videobooth": Reference(lambda: videobooth.unet(cross_attention_dim=768), lambda: videobooth.unet_with_exemplar(**_SMALL), videobooth.call),
    "videobooth-mapper": Reference(videobooth.whole_mapper, lambda: videobooth.mapper(16, 8), lambda module, inputs: module(inputs["states"])),
}
