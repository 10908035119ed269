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

from models.families.clip_text import ClipText, ClipTextConfig, Layer
from models.families.subject_unet import Mapper

_MEAN, _DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  #: of CLIP's training pictures, 0 … 1
_MAPPER = "mapper."


@dataclass(frozen=True)
class SubjectVisionConfig:
    """As published; `states` are the layers whose states the mapper reads, the last one first."""

    width: int = 1024
    layers: int = 24
    heads: int = 16
    side: int = 224  #: of the picture that the tower sees, pixels
    patch: int = 14
    states: tuple[int, ...] = (24, 4, 8, 12, 16)
    context_width: int = 768
    hidden: int = 1024  #: of the mapper
    picture: int = 256  #: side of the picture that comes, pixels


class ImageTower(nn.Module):
    """Patches and a class token through the layers: `vision_model` of the checkpoint."""

    def __init__(self, config: SubjectVisionConfig):
        super().__init__()
        self.states = config.states
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.embeddings.patch_embedding = nn.Conv2d(3, config.width, config.patch, stride=config.patch, bias=False)
        self.embeddings.position_embedding = nn.Embedding((config.side // config.patch) ** 2 + 1, config.width)
        self.pre_layrnorm = nn.LayerNorm(config.width)  # spelt so in the checkpoints
        self.encoder = nn.Module()
        layer = ClipTextConfig(width=config.width, heads=config.heads)
        self.encoder.layers = nn.ModuleList(Layer(layer) for _ in range(config.layers))
        self.post_layernorm = nn.LayerNorm(config.width)  # in the checkpoint; the mapper reads states before it

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """`[B, 3, side, side]`, normalised, to the states `[B, 1 + patches, C]`."""
        cells = self.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.embeddings.class_embedding.expand(cells.shape[0], 1, -1)
        x = torch.cat([first, cells], dim=1) + self.embeddings.position_embedding.weight
        seen = [self.pre_layrnorm(x)]
        for layer in self.encoder.layers:
            seen.append(layer(seen[-1], None))
        return [seen[state] for state in self.states]


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
        mean, deviation = (torch.tensor(values, device=picture.device).view(1, 3, 1, 1) for values in (_MEAN, _DEVIATION))
        pixels = ((seen + 1) / 2 - mean) / deviation
        return self.mapper(self.vision_model(pixels.to(dtype))).float()


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
