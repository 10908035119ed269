"""The text towers that meet pictures: features of a sentence in the space of features of pictures (CLIP ViT-B/32).

Source: Radford et al. 2021, arXiv 2103.00020, section 2.4; keys as `CLIPModel` of transformers wrote them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from modeling.published.clip_text import ClipTextConfig, Tower

_TOWER = ("text_model.", "text_projection.")


@dataclass(frozen=True)
class ClipWordsConfig(ClipTextConfig):
    """As published for ViT-B/32; `features` is the width of the space that pictures share."""

    width: int = 512
    heads: int = 8
    features: int = 512


def at_the_end(states: Tensor, input_ids: Tensor) -> Tensor:
    """Of states `[B, T, C]` those of the end token, `[B, C]`: it has the highest id there is.

    Ids are compared as float32, which holds them exactly; padding must not be the end token again.
    """
    place = input_ids.float().argmax(-1)
    return states.gather(1, place[:, None, None].expand(-1, 1, states.shape[-1])).squeeze(1)


class ClipWords(nn.Module):
    """`input_ids` `[B, T]` int64, filled up with zeros, to features `[B, D]`, float32, of any length."""

    def __init__(self, config: ClipWordsConfig):
        super().__init__()
        self.config = config
        self.text_model = Tower(config)
        self.text_projection = nn.Linear(config.width, config.features, bias=False)

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.text_projection(at_the_end(self.text_model(input_ids), input_ids)).float()


def text_tower_only(clip: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The text tower of a CLIP checkpoint, which may hold the image tower too."""
    return {key: tensor for key, tensor in clip.items() if key.startswith(_TOWER) and not key.endswith(".position_ids")}
