"""The encoder of T5 1.1 (XXL in Latte): words see each other on both sides, and where they stand only by a number on the logits.

Source: Raffel et al. 2019, arXiv 1910.10683, sections 2.1 and 3.1.1, with the gated feed-forward of Shazeer 2020, arXiv 2002.05202; keys as
`T5EncoderModel` of transformers has them.

Where we differ: the graph sees which words are padding by their id. Residuals and the last product of the feed-forward are float32 in
every precision, for half precision overflows there (transformers keeps the weights of that product in float32).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend, relative_buckets

_EPS = 1e-6
_BUCKETS, _FAR = 32, 128
_HIDDEN = -1e4  #: added to the logits of padding; fits into half precision
_PADDING = 0  #: id


@dataclass(frozen=True)
class T5TextConfig:
    """As published; `inner` is the width of all heads together, `hidden` that of the feed-forward."""

    vocabulary: int = 32_128
    width: int = 4096
    inner: int = 4096
    hidden: int = 10_240
    layers: int = 24
    heads: int = 64


class Norm(nn.Module):
    """Divides by the root of the mean square; float32 in, in the precision of the weights out."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + _EPS)).to(self.weight.dtype) * self.weight


class SelfAttention(nn.Module):
    """Attention without a scale on the logits. The first layer holds the table of relative positions for all."""

    def __init__(self, config: T5TextConfig, first: bool):
        super().__init__()
        self.heads = config.heads
        for name in ("q", "k", "v"):
            self.add_module(name, nn.Linear(config.width, config.inner, bias=False))
        self.o = nn.Linear(config.inner, config.width, bias=False)
        if first:
            self.relative_attention_bias = nn.Embedding(_BUCKETS, config.heads)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        return self.o(attend(self.q(x), self.k(x), self.v(x), self.heads, bias, scale=1.0))


class GatedPerceptron(nn.Module):
    """Two ways up, of which one, through GELU, lets the other pass, and back."""

    def __init__(self, config: T5TextConfig):
        super().__init__()
        self.wi_0 = nn.Linear(config.width, config.hidden, bias=False)
        self.wi_1 = nn.Linear(config.width, config.hidden, bias=False)
        self.wo = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x)
        return F.linear(h.float(), self.wo.weight.float())


class Block(nn.Module):
    """Attention and feed-forward, each with a norm in front and its residual."""

    def __init__(self, config: T5TextConfig, first: bool):
        super().__init__()
        attends, feeds = nn.Module(), nn.Module()
        attends.SelfAttention, attends.layer_norm = SelfAttention(config, first), Norm(config.width)
        feeds.DenseReluDense, feeds.layer_norm = GatedPerceptron(config), Norm(config.width)
        self.layer = nn.ModuleList([attends, feeds])

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        attends, feeds = self.layer
        x = x + attends.SelfAttention(attends.layer_norm(x), bias).float()
        return x + feeds.DenseReluDense(feeds.layer_norm(x))


class T5Text(nn.Module):
    """`input_ids` `[B, T]` int64, padded with zeros, to context `[B, T, D]`, float32; rows of padding mean nothing."""

    def __init__(self, config: T5TextConfig):
        super().__init__()
        self.config = config
        self.shared = nn.Embedding(config.vocabulary, config.width)
        self.encoder = nn.Module()
        self.encoder.block = nn.ModuleList(Block(config, first=k == 0) for k in range(config.layers))
        self.encoder.final_layer_norm = Norm(config.width)

    def forward(self, input_ids: Tensor) -> Tensor:
        table = self.encoder.block[0].layer[0].SelfAttention.relative_attention_bias
        buckets = relative_buckets(input_ids.shape[1], input_ids.device, _FAR)
        hidden = (input_ids == _PADDING).to(table.weight.dtype)[:, None, None] * _HIDDEN
        bias = table(buckets).permute(2, 0, 1).unsqueeze(0) + hidden  # [B, heads, T, T]
        x = self.shared(input_ids).float()
        for block in self.encoder.block:
            x = block(x, bias)
        return self.encoder.final_layer_norm(x).float()


def without_twin(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The table of words is in some files twice, under the name that the encoder has for it."""
    return {key: tensor for key, tensor in state.items() if key != "encoder.embed_tokens.weight"}
