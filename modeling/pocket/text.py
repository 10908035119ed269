"""Text encoder: token ids to one vector per token."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from modeling.pocket.layers import Attention, FeedForward, Norm

PADDING = 0  #: token id


@dataclass(frozen=True)
class TextConfig:
    """Size of the vocabulary, width, length of a padded prompt, layers and heads."""

    vocabulary: int
    width: int = 128
    tokens: int = 32
    layers: int = 2
    heads: int = 4


class Layer(nn.Module):
    """Self-attention and feed-forward."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.norm = Norm(config.width)
        self.attention = Attention(config.width, config.heads)
        self.feed_forward = FeedForward(config.width)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        normal = self.norm(x)
        return self.feed_forward(x + self.attention(normal, self.attention.keys_values(normal), bias))


class TextEncoder(nn.Module):
    """`input_ids` `[B, T]` to context `[B, T, D]`; padding gives zeros and is not attended to."""

    def __init__(self, config: TextConfig):
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        nn.init.normal_(self.embedding.weight, std=0.5)
        self.position = nn.Parameter(torch.randn(config.tokens, config.width) * 0.02)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = Norm(config.width)

    def forward(self, input_ids: Tensor) -> Tensor:
        real = (input_ids != PADDING).float()
        bias = (real - 1)[:, None, None, :] * 1e4
        x = self.embedding(input_ids) + self.position[: input_ids.shape[1]]
        for layer in self.layers:
            x = layer(x, bias)
        return self.norm(x) * real.unsqueeze(-1)
