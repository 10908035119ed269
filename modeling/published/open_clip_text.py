"""The text tower of OpenCLIP ViT-H/14 as VEnhancer uses it: the states before the last layer, after the last norm.

Source: Cherti et al. 2022, arXiv 2212.07143; keys as mlfoundations/open_clip writes them. The last layer and the projection are in the
checkpoint and not used.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend

_HIDDEN = -1e4  #: added to the logits of words that are still to come; fits into half precision


@dataclass(frozen=True)
class OpenClipTextConfig:
    """As published."""

    vocabulary: int = 49_408
    width: int = 1024
    layers: int = 24
    heads: int = 16
    tokens: int = 77


def split_packed(packed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values `[..., C]` that one matrix made, `[..., 3 C]`."""
    width = packed.shape[-1] // 3
    return packed[..., :width], packed[..., width : 2 * width], packed[..., 2 * width :]


class PackedAttention(nn.Module):
    """Self-attention whose queries, keys and values are one matrix."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        return self.out_proj(attend(*split_packed(F.linear(x, self.in_proj_weight, self.in_proj_bias)), self.heads, bias))


class Layer(nn.Module):
    """Attention and feed-forward, each with a norm in front and its residual."""

    def __init__(self, config: OpenClipTextConfig):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width)
        self.attn = PackedAttention(config.width, config.heads)
        self.ln_2 = nn.LayerNorm(config.width)
        self.mlp = nn.Module()
        self.mlp.c_fc = nn.Linear(config.width, 4 * config.width)
        self.mlp.c_proj = nn.Linear(4 * config.width, config.width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x), bias)
        return x + self.mlp.c_proj(F.gelu(self.mlp.c_fc(self.ln_2(x))))


class OpenClipText(nn.Module):
    """`input_ids` `[B, T]` int64 to context `[B, T, D]`, float32."""

    def __init__(self, config: OpenClipTextConfig):
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.positional_embedding = nn.Parameter(torch.empty(config.tokens, config.width))
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.ln_final = nn.LayerNorm(config.width)
        self.text_projection = nn.Parameter(torch.empty(config.width, config.width))

    def forward(self, input_ids: Tensor) -> Tensor:
        length = input_ids.shape[1]
        x = self.token_embedding(input_ids) + self.positional_embedding[:length]
        positions = torch.arange(length, device=input_ids.device)
        bias = ((positions.unsqueeze(0) > positions.unsqueeze(1)).to(x.dtype) * _HIDDEN)[None, None]
        for layer in self.transformer.resblocks[:-1]:
            x = layer(x, bias)
        return self.ln_final(x).float()
