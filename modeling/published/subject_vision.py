"""What VideoBooth makes of a picture of the subject and the words about it: both towers of CLIP ViT-L/14, and a mapper between them.

The mapper turns states of the image tower into word embeddings, which take the place of the subject's word in front of the text tower.

Source: Radford et al. 2021, arXiv 2103.00020, section 2.4, keys as `CLIPVisionModel` of transformers wrote them; VideoBooth (Jiang et al.
2023, arXiv 2312.00777, section 3.2; reference Vchitect/VideoBooth@d10e06f, `sample_scripts/sample.py`).

Where we differ: the picture comes at the size of the exemplar, and the graph brings it to that of the tower.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.clip_image import DEVIATION, MEAN, ImageTower, TowerConfig, normalised
from modeling.published.clip_text import ClipText
from modeling.published.subject_unet import Mapper

_MAPPER = "mapper."


@dataclass(frozen=True)
class SubjectVisionConfig(TowerConfig):
    """As published; `states` are the layers whose states the mapper reads, the last one first."""

    states: tuple[int, ...] = (24, 4, 8, 12, 16)
    context_width: int = 768
    hidden: int = 1024  #: of the mapper
    picture: int = 256  #: side of the picture that comes, pixels


class SubjectVision(nn.Module):
    """`picture` `[B, 3, S, S]` in -1..1 to word embeddings `[B, 5, D]`, float32."""

    def __init__(self, config: SubjectVisionConfig):
        super().__init__()
        self.config = config
        self.vision_model = ImageTower(config)
        self.mapper = Mapper(config.width, config.context_width, config.hidden)

    def forward(self, picture: Tensor) -> Tensor:
        side, dtype = self.config.side, self.vision_model.post_layernorm.weight.dtype
        seen = F.interpolate(picture, size=(side, side), mode="bilinear", align_corners=False)
        return self.mapper(self.vision_model(normalised(seen, MEAN, DEVIATION).to(dtype))).float()


class SubjectText(ClipText):
    """`input_ids` `[B, T]` int64 to context `[B, T, D]`, where word embeddings that are given stand in the place of words."""

    def forward(self, input_ids: Tensor, tokens: Tensor, place: Tensor) -> Tensor:
        """`tokens` `[B, n, D]` stand at `place` `[B]` int64 and behind it; -1: nowhere."""
        tower = self.text_model
        words = tower.embeddings.token_embedding(input_ids)
        index = torch.arange(input_ids.shape[1], device=input_ids.device).unsqueeze(0) - place.unsqueeze(1)  # [B, T]
        stands = (place.unsqueeze(1) >= 0) & (index >= 0) & (index < tokens.shape[1])
        rows = index.clamp(0, tokens.shape[1] - 1).unsqueeze(-1).expand(-1, -1, words.shape[-1])
        return tower.encode(torch.where(stands.unsqueeze(-1), tokens.to(words.dtype).gather(1, rows), words)).float()


def merge_vision(clip: Mapping[str, Tensor], mapper: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of `SubjectVision`, of a CLIP checkpoint, which may hold the text tower too, and of VideoBooth's second one."""
    tower = {key: tensor for key, tensor in clip.items() if key.startswith("vision_model.") and not key.endswith(".position_ids")}
    words = {f"{_MAPPER}{key}": tensor for key, tensor in mapper.items() if key.startswith("mapping_")}
    return tower | words
