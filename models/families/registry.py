"""The families by name: how each is built at its published and at a small width, and what its package says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from torch import Tensor, nn

from models.families.clip_text import ClipText, ClipTextConfig
from models.families.image_autoencoder import ImageAutoencoder, ImageAutoencoderConfig, current_names
from models.families.subject_unet import SubjectUnet, SubjectUnetConfig, merge
from models.families.transformer import Layout
from models.families.upscale_unet import UpscaleUnet, UpscaleUnetConfig
from models.families.video_unet import VideoUnet, VideoUnetConfig

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


def _without(state: State, key: str) -> State:
    return {name: tensor for name, tensor in state.items() if name != key}


_POSITION_IDS = "text_model.embeddings.position_ids"  #: 0, 1, 2 …, in the text checkpoints of older libraries
_INTERPOLATION = Layout(sparse_causal=True, frames_last=True, positions=False)
_SUBJECT = _family("videobooth", "subject", SubjectUnet, SubjectUnetConfig(), watermark_widths=(64, 128, 128))

FAMILIES = {
    family.name: family
    for family in (
        _family("lavie-base", "base", VideoUnet, VideoUnetConfig()),
        _family("lavie-interpolation", "interp", VideoUnet, VideoUnetConfig(in_channels=8, layout=_INTERPOLATION)),
        _family("lavie-vsr", "upscale", UpscaleUnet, UpscaleUnetConfig()),
        _family("seine", "transition", VideoUnet, VideoUnetConfig(in_channels=9)),
        _whole("sd14-text", "text", ClipText, ClipTextConfig(), ClipTextConfig(100, 64, 2, 2, 16), lambda state: _without(state, _POSITION_IDS)),
        _whole("sd14-vae", "vae", ImageAutoencoder, ImageAutoencoderConfig(), ImageAutoencoderConfig((32, 64), 4, 1), current_names),
        replace(_SUBJECT, checkpoints=("videobooth", "videobooth-mapper"), merge=lambda *states: merge(*states)[0]),
    )
}
