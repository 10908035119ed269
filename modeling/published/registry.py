"""The families by name: how each is built at its published and at a small width, and what its package says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from torch import Tensor, nn

from modeling.published.clip_image import ClipAesthetic, ClipImage, ClipImageConfig, TowerConfig, image_tower_only, with_head
from modeling.published.clip_text import ClipText, ClipTextConfig
from modeling.published.clip_words import ClipWords, ClipWordsConfig, text_tower_only
from modeling.published.dino import Dino, DinoConfig
from modeling.published.enhance_unet import EnhanceUnet, EnhanceUnetConfig
from modeling.published.image_autoencoder import ImageAutoencoder, ImageAutoencoderConfig, current_names
from modeling.published.latte import Latte, LatteConfig
from modeling.published.musiq import Musiq, MusiqConfig
from modeling.published.open_clip_text import OpenClipText, OpenClipTextConfig
from modeling.published.owlv2 import Owlv2, Owlv2Config, detection_only
from modeling.published.raft import Raft, RaftConfig, without_twins
from modeling.published.subject_unet import SubjectUnet, SubjectUnetConfig, merge
from modeling.published.subject_vision import SubjectText, SubjectVision, SubjectVisionConfig, merge_vision
from modeling.published.t5_text import T5Text, T5TextConfig, without_twin
from modeling.published.temporal_autoencoder import TemporalAutoencoder
from modeling.published.transformer import Layout
from modeling.published.upscale_unet import UpscaleUnet, UpscaleUnetConfig
from modeling.published.video_unet import VideoUnet, VideoUnetConfig

SMALL = {"widths": (64, 64, 128, 128), "heads": 2, "context_width": 24}  #: heads of 32 and 64: rotary positions fill one and half of them


State = Mapping[str, Tensor]


def _only(state: State) -> State:
    return state


@dataclass(frozen=True)
class Family:
    """A published model: `public` builds it as published, `small` with the same structure at a width for tests.

    `checkpoints` names its published files, one list of keys in `keys/` for each; `merge` makes the module's state dict of theirs.
    """

    name: str
    role: str
    public: Callable[[], nn.Module]
    small: Callable[[], nn.Module]
    checkpoints: tuple[str, ...]
    merge: Callable[..., State] = _only


def _family(name: str, role: str, kind: type[VideoUnet], config: VideoUnetConfig, **small: object) -> Family:
    return Family(name, role, lambda: kind(config), lambda: kind(replace(config, **SMALL, **small)), (name,))


def _whole(name: str, role: str, kind: Callable, public: object, small: object, merge: Callable[..., State]) -> Family:
    return Family(name, role, lambda: kind(public), lambda: kind(small), (name,), merge)


def _without(*prefixes: str) -> Callable[[State], State]:
    return lambda state: {name: tensor for name, tensor in state.items() if not name.startswith(prefixes)}


_TEXT_ONLY = _without("text_model.embeddings.position_ids")  #: 0, 1, 2 …, in the text checkpoints of older libraries
_TOWER_ONLY = _without("visual.", "logit_scale", "attn_mask")  #: the rest of CLIP, in the same file
_WORDS_ONLY = _without("text_model.embeddings.position_ids", "vision_model.", "visual_projection.", "text_projection.", "logit_scale")
_INTERPOLATION = Layout(sparse_causal=True, frames_last=True, positions=False)
_SUBJECT = _family("videobooth", "subject", SubjectUnet, SubjectUnetConfig(), watermark_widths=(64, 128, 128))

_SMALL_TEXT = ClipTextConfig(100, 64, 2, 2, 16)
_WIDE_TEXT = ClipTextConfig(width=1024, layers=23, heads=16, sigmoid_gelu=False)
_SMALL_T5 = T5TextConfig(vocabulary=100, width=32, inner=48, hidden=40, layers=2, heads=3)
_SMALL_VISION = SubjectVisionConfig(width=32, layers=3, heads=2, side=28, states=(3, 1, 2, 2, 0), context_width=24, picture=40)
_CLIP_B32 = ClipImageConfig(width=768, layers=12, heads=12, patch=32, states=(12,), features=512)
_SMALL_CLIP = ClipImageConfig(width=32, layers=2, heads=2, side=28, states=(2,), features=24)
_SMALL_WORDS = ClipWordsConfig(100, 64, 2, 2, 16, features=24)
_SMALL_OWL = Owlv2Config(TowerConfig(width=32, layers=2, heads=2, side=28, patch=7), _SMALL_TEXT)
_X4_WIDTHS = (128, 256, 512)

FAMILIES = {
    family.name: family
    for family in (
        _family("lavie-base", "base", VideoUnet, VideoUnetConfig()),
        _family("lavie-interpolation", "interp", VideoUnet, VideoUnetConfig(in_channels=8, layout=_INTERPOLATION)),
        _family("lavie-vsr", "upscale", UpscaleUnet, UpscaleUnetConfig()),
        _family("seine", "transition", VideoUnet, VideoUnetConfig(in_channels=9)),
        _whole("sd14-text", "text", ClipText, ClipTextConfig(), _SMALL_TEXT, _TEXT_ONLY),
        _whole("sd14-vae", "vae", ImageAutoencoder, ImageAutoencoderConfig(), ImageAutoencoderConfig((32, 64), 4, 1), current_names),
        _whole("x4-text", "text", ClipText, _WIDE_TEXT, replace(_WIDE_TEXT, vocabulary=100, width=64, layers=2, heads=2, tokens=16), _TEXT_ONLY),
        _whole("x4-vae", "vae", ImageAutoencoder, ImageAutoencoderConfig(_X4_WIDTHS), ImageAutoencoderConfig((32, 64, 64), 4, 1), current_names),
        _whole("svd-vae", "vae", TemporalAutoencoder, ImageAutoencoderConfig(), ImageAutoencoderConfig((32, 64), 4, 2), current_names),
        _whole("latte", "base", Latte, LatteConfig(), LatteConfig(kept_channels=8, width=64, heads=2, layers=2, context_width=24, grid=4), _only),
        _whole("venhancer", "enhance", EnhanceUnet, EnhanceUnetConfig(), EnhanceUnetConfig(4, (64, 64, 128, 256), head_width=32), _only),
        _whole("venhancer-text", "text", OpenClipText, OpenClipTextConfig(), OpenClipTextConfig(100, 64, 3, 2, 16), _TOWER_ONLY),
        _whole("videobooth-text", "text", SubjectText, ClipTextConfig(), _SMALL_TEXT, _WORDS_ONLY),
        _whole("latte-text", "text", T5Text, T5TextConfig(), _SMALL_T5, without_twin),
        Family(
            "videobooth-vision",
            "subject",
            lambda: SubjectVision(SubjectVisionConfig()),
            lambda: SubjectVision(_SMALL_VISION),
            ("videobooth-vision", "videobooth-mapper"),
            merge_vision,
        ),
        _whole("dino-vitb16", "features", Dino, DinoConfig(), DinoConfig(32, 2, 2, 8, 32), _only),
        _whole("clip-vitb32", "image-text", ClipImage, _CLIP_B32, replace(_SMALL_CLIP, patch=7), image_tower_only),
        _whole("clip-vitb32-text", "image-text", ClipWords, ClipWordsConfig(), _SMALL_WORDS, text_tower_only),
        Family(
            "clip-vitl14-aesthetic",
            "aesthetic",
            lambda: ClipAesthetic(ClipImageConfig()),
            lambda: ClipAesthetic(_SMALL_CLIP),
            ("clip-vitl14", "laion-aesthetic"),
            with_head,
        ),
        _whole("musiq-spaq", "imaging", Musiq, MusiqConfig(), MusiqConfig(64, 64, 2, 2), _only),
        _whole("owlv2-base", "finder", Owlv2, Owlv2Config(), _SMALL_OWL, detection_only),
        _whole("raft-things", "flow", Raft, RaftConfig(), RaftConfig(iterations=2), without_twins),
        replace(_SUBJECT, checkpoints=("videobooth", "videobooth-mapper"), merge=lambda *states: merge(*states)[0]),
    )
}
