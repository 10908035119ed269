"""The text towers of CLIP that Stable Diffusion uses: ViT-L/14 of 1.4 (LaVie, SEINE, VideoBooth) and ViT-H/14 of 2 (LaVie VSR).

What they give are the last states after the last norm; of ViT-H/14 Stable Diffusion 2 keeps all layers but the last.

Source: Radford et al. 2021, arXiv 2103.00020, section 2.4; keys as `CLIPTextModel` of transformers wrote them when the weights were published.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend

_HIDDEN = -1e4  #: added to the logits of words that are still to come; fits into half precision


@dataclass(frozen=True)
class ClipTextConfig:
    """As published."""

    vocabulary: int = 49_408
    width: int = 768
    layers: int = 12
    heads: int = 12
    tokens: int = 77
    sigmoid_gelu: bool = True  #: the sigmoid form of GELU, or GELU itself


class SelfAttention(nn.Module):
    """Every word asks itself and the words before it."""

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        self.heads = config.heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.add_module(name, nn.Linear(config.width, config.width))

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        return self.out_proj(attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads, bias))


class Perceptron(nn.Module):
    """Four times wider and back, with GELU between."""

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        self.sigmoid_gelu = config.sigmoid_gelu
        self.fc1 = nn.Linear(config.width, 4 * config.width)
        self.fc2 = nn.Linear(4 * config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        h = self.fc1(x)
        return self.fc2(h * torch.sigmoid(1.702 * h) if self.sigmoid_gelu else F.gelu(h))


class Layer(nn.Module):
    """Attention and feed-forward, each with a norm in front and its residual."""

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        self.self_attn = SelfAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.mlp = Perceptron(config)
        self.layer_norm2 = nn.LayerNorm(config.width)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x), bias)
        return x + self.mlp(self.layer_norm2(x))


class Tower(nn.Module):
    """Embeddings, layers, last norm: `text_model` of the checkpoint."""

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.embeddings.position_embedding = nn.Embedding(config.tokens, config.width)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.final_layer_norm = nn.LayerNorm(config.width)

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.encode(self.embeddings.token_embedding(input_ids))

    def encode(self, words: Tensor) -> Tensor:
        """From word embeddings `[B, T, D]` on."""
        positions = torch.arange(words.shape[1], device=words.device)
        x = words + self.embeddings.position_embedding(positions)
        bias = ((positions.unsqueeze(0) > positions.unsqueeze(1)).to(x.dtype) * _HIDDEN)[None, None]
        for layer in self.encoder.layers:
            x = layer(x, bias)
        return self.final_layer_norm(x)


class ClipText(nn.Module):
    """`input_ids` `[B, T]` int64 to context `[B, T, D]`, float32."""

    def __init__(self, config: ClipTextConfig):
        super().__init__()
        self.config = config
        self.text_model = Tower(config)

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.text_model(input_ids).float()
