"""OWLv2: boxes for what words name, whatever the words (base size, patches of 16 pixels).

Source: Minderer et al. 2023, arXiv 2306.09683, section 3.2, and for the heads Minderer et al. 2022, arXiv 2205.06230, section 3.1; keys and numbers
as `Owlv2ForObjectDetection` of transformers 5.23.0 wrote and computes them. The caller has made frames squares as its processor does.

Where we differ: how likely a patch is to hold anything at all (`objectness_head`) is not computed, for detection by words does not ask
it; nor is the likeness of a whole picture to a text (`visual_projection`, `logit_scale`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.clip_image import DEVIATION, MEAN, TowerConfig, normalised
from modeling.published.clip_text import ClipTextConfig, Layer, Tower
from modeling.published.clip_words import at_the_end

_UNUSED = ("objectness_head.", "owlv2.visual_projection.", "owlv2.logit_scale", "box_bias")
_EPS, _EDGE = 1e-6, 1e-4  #: under lengths of features, and what keeps boxes off the borders of the picture


@dataclass(frozen=True)
class Owlv2Config:
    """As published for base with patches of 16: `vision.side` is that of the square, pixels."""

    vision: TowerConfig = field(default_factory=lambda: TowerConfig(width=768, layers=12, heads=12, side=960, patch=16))
    text: ClipTextConfig = field(default_factory=lambda: ClipTextConfig(width=512, heads=8, tokens=16))

    @property
    def cells(self) -> int:
        """Patches along a side of the square."""
        return self.vision.side // self.vision.patch


class _ImageTower(nn.Module):
    """Patches and a class token through the layers: `vision_model` of the checkpoint."""

    def __init__(self, config: TowerConfig):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.class_embedding = nn.Parameter(torch.zeros(config.width))
        self.embeddings.patch_embedding = nn.Conv2d(3, config.width, config.patch, stride=config.patch, bias=False)
        self.embeddings.position_embedding = nn.Embedding((config.side // config.patch) ** 2 + 1, config.width)
        self.pre_layernorm = nn.LayerNorm(config.width)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(Layer(ClipTextConfig(width=config.width, heads=config.heads)) for _ in range(config.layers))
        self.post_layernorm = nn.LayerNorm(config.width)

    def forward(self, pixels: Tensor) -> Tensor:
        """`[N, 3, side, side]`, normalised, to `[N, 1 + patches, C]`, after the last norm."""
        cells = self.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.embeddings.class_embedding.expand(cells.shape[0], 1, -1)
        x = self.pre_layernorm(torch.cat([first, cells], dim=1) + self.embeddings.position_embedding.weight)
        for layer in self.encoder.layers:
            x = layer(x, None)
        return self.post_layernorm(x)


class _BoxHead(nn.Module):
    """Three layers with GELU between them."""

    def __init__(self, width: int):
        super().__init__()
        self.dense0 = nn.Linear(width, width)
        self.dense1 = nn.Linear(width, width)
        self.dense2 = nn.Linear(width, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense2(F.gelu(self.dense1(F.gelu(self.dense0(x)))))


class _ClassHead(nn.Module):
    """How well each patch fits each word, on a scale of the patch's own."""

    def __init__(self, width: int, words: int):
        super().__init__()
        self.dense0 = nn.Linear(width, words)
        self.logit_shift = nn.Linear(width, 1)
        self.logit_scale = nn.Linear(width, 1)

    def forward(self, patches: Tensor, words: Tensor) -> Tensor:
        """`patches` `[N, P, C]`, `words` `[Q, D]` to logits `[N, P, Q]`."""
        fits = _of_length_one(self.dense0(patches)) @ _of_length_one(words).T
        return (fits + self.logit_shift(patches)) * (F.elu(self.logit_scale(patches)) + 1)


class Owlv2(nn.Module):
    """`frames` `[N, 3, side, side]` in -1..1 and `input_ids` `[Q, T]` int64, filled up with zeros, to `found` as `find` says."""

    def __init__(self, config: Owlv2Config):
        super().__init__()
        self.config = config
        self.owlv2 = nn.Module()
        self.owlv2.text_model = Tower(config.text)
        self.owlv2.vision_model = _ImageTower(config.vision)
        self.owlv2.text_projection = nn.Linear(config.text.width, config.text.width, bias=False)
        self.class_head = _ClassHead(config.vision.width, config.text.width)
        self.box_head = _BoxHead(config.vision.width)
        self.layer_norm = nn.LayerNorm(config.vision.width)

    def forward(self, frames: Tensor, input_ids: Tensor) -> Tensor:
        return self.find(frames, self.read(input_ids))

    def read(self, input_ids: Tensor) -> Tensor:
        """Features of sentences `[Q, D]`, of length one."""
        states = self.owlv2.text_model(input_ids)
        features = self.owlv2.text_projection(at_the_end(states, input_ids))
        return features / features.norm(dim=-1, keepdim=True)

    def find(self, frames: Tensor, words: Tensor) -> Tensor:
        """`found` `[N, P, 4 + Q]`: of each patch a box, as centre, width and height in shares of the square's side, and a logit for each word."""
        states = self.owlv2.vision_model(normalised(frames, MEAN, DEVIATION))
        patches = self.layer_norm(states[:, 1:] * states[:, :1])
        boxes = torch.sigmoid(self.box_head(patches) + self._own_places(frames))
        return torch.cat([boxes, self.class_head(patches, words)], dim=-1)

    def _own_places(self, frames: Tensor) -> Tensor:
        """`[P, 4]`: where each patch looks first, before the sigmoid: its lower right corner, and a box of a patch's size."""
        cells = self.config.cells
        across = torch.arange(1, cells + 1, device=frames.device, dtype=torch.float32) / cells
        down, across = torch.meshgrid(across, across, indexing="ij")
        centre = torch.stack([across, down], dim=-1).flatten(0, 1)
        place = torch.cat([centre, torch.full_like(centre, 1 / cells)], dim=-1)
        return torch.log(place + _EDGE) - torch.log1p(-place + _EDGE)


def _of_length_one(features: Tensor) -> Tensor:
    return features / (features.norm(dim=-1, keepdim=True) + _EPS)


def detection_only(checkpoint: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of `Owlv2`, without what finding by words does not use."""
    return {key: tensor for key, tensor in checkpoint.items() if not key.startswith(_UNUSED) and not key.endswith(".position_ids")}
