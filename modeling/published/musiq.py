"""MUSIQ: technical quality of a frame, from patches of it at three sizes.

Source: Ke et al. 2021, arXiv 2108.05997; keys and numbers of chaofengc/IQA-PyTorch@01ae427, `pyiqa/archs/musiq_arch.py` and
`pyiqa/data/multiscale_trans_util.py`.

Where we differ: the caller makes the three sizes and fills each up to whole patches with grey; patches that the reference adds to reach a
fixed number and then masks are not there.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.published.attention import attend

_GROUPS, _EPS, _ROOT_EPS, _LAYER_EPS, _WEIGHT_EPS = 32, 1e-4, 1e-6, 1e-6, 1e-5
_ROOT = 64  #: channels behind the first convolution


@dataclass(frozen=True)
class MusiqConfig:
    """As published; `grid` is the side of the table of positions, cells."""

    width: int = 384
    hidden: int = 1152
    layers: int = 14
    heads: int = 6
    patch: int = 32
    scales: int = 3
    grid: int = 10


class _StandardConv(nn.Conv2d):
    """A convolution whose kernels have mean 0 and deviation 1, with as much padding as keeps the size, the odd pixel right and below."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1):
        super().__init__(inputs, outputs, kernel, stride, bias=False)
        spare = kernel - stride
        self.margins = (spare // 2, spare - spare // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        axes = (1, 2, 3)
        weight = self.weight - self.weight.mean(axes, keepdim=True)
        weight = weight / (weight.std(axes, keepdim=True) + _WEIGHT_EPS)
        return F.conv2d(F.pad(x, self.margins), weight, None, self.stride)


class _Bottleneck(nn.Module):
    def __init__(self, width: int, outputs: int):
        super().__init__()
        self.conv1, self.gn1 = _StandardConv(width, width, 1), nn.GroupNorm(_GROUPS, width, _EPS)
        self.conv2, self.gn2 = _StandardConv(width, width, 3), nn.GroupNorm(_GROUPS, width, _EPS)
        self.conv3, self.gn3 = _StandardConv(width, outputs, 1), nn.GroupNorm(_GROUPS, outputs, _EPS)
        self.conv_proj, self.gn_proj = _StandardConv(width, outputs, 1), nn.GroupNorm(_GROUPS, outputs, _EPS)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.gn1(self.conv1(x)))
        h = F.relu(self.gn2(self.conv2(h)))
        return F.relu(self.gn3(self.conv3(h)) + self.gn_proj(self.conv_proj(x)))


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        for name in ("query", "key", "value", "out"):
            self.add_module(name, nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.out(attend(self.query(x), self.key(x), self.value(x), self.heads))


class _Perceptron(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class _Block(nn.Module):
    def __init__(self, config: MusiqConfig):
        super().__init__()
        self.norm1 = nn.LayerNorm(config.width, _LAYER_EPS)
        self.attention = _Attention(config.width, config.heads)
        self.norm2 = nn.LayerNorm(config.width, _LAYER_EPS)
        self.mlp = _Perceptron(config.width, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class _Encoder(nn.Module):
    """`transformer_encoder` of the checkpoint."""

    def __init__(self, config: MusiqConfig):
        super().__init__()
        self.posembed_input, self.scaleembed_input = nn.Module(), nn.Module()
        self.posembed_input.position_emb = nn.Parameter(torch.zeros(1, config.grid**2, config.width))
        self.scaleembed_input.scale_emb = nn.Parameter(torch.zeros(config.scales, config.width))
        self.cls = nn.Parameter(torch.zeros(1, 1, config.width))
        self.encoder_norm = nn.LayerNorm(config.width, _LAYER_EPS)
        self.transformer = nn.ModuleDict({f"encoderblock_{k}": _Block(config) for k in range(config.layers)})


class Musiq(nn.Module):
    """Frames at three sizes, each `[N, 3, h, w]` in -1..1 with sides that are whole patches, to quality `[N]`, 0 … 100, float32."""

    def __init__(self, config: MusiqConfig):
        super().__init__()
        self.config = config
        self.conv_root, self.gn_root = _StandardConv(3, _ROOT, 7, 2), nn.GroupNorm(_GROUPS, _ROOT, _ROOT_EPS)
        self.block1 = _Bottleneck(_ROOT, 4 * _ROOT)
        self.embedding = nn.Linear(4 * _ROOT * (config.patch // 4) ** 2, config.width)
        self.transformer_encoder = _Encoder(config)
        self.head = nn.Linear(config.width, 1)

    def forward(self, frames: Tensor, small: Tensor, large: Tensor) -> Tensor:
        """`frames` as they are judged; `small` and `large` with a longer side of 224 and of 384 pixels before they were filled up."""
        encoder = self.transformer_encoder
        tokens = [self._tokens(picture, scale) for scale, picture in enumerate((small, large, frames))]
        x = torch.cat([encoder.cls.expand(frames.shape[0], -1, -1), *tokens], dim=1)
        for block in encoder.transformer.values():
            x = block(x)
        return self.head(encoder.encoder_norm(x[:, 0])).squeeze(-1).float()

    def _tokens(self, picture: Tensor, scale: int) -> Tensor:
        """`[N, patches, D]`, with what says where each patch is and at which size it was seen."""
        side, encoder = self.config.patch, self.transformer_encoder
        rows, columns = picture.shape[2] // side, picture.shape[3] // side
        cells = picture.reshape(picture.shape[0], 3, rows, side, columns, side).permute(0, 2, 4, 1, 3, 5)
        h = F.relu(self.gn_root(self.conv_root(cells.reshape(-1, 3, side, side))))
        h = self.block1(F.max_pool2d(F.pad(h, (0, 1, 0, 1)), 3, 2))
        tokens = self.embedding(h.permute(0, 2, 3, 1).reshape(picture.shape[0], rows * columns, -1))
        place = (self._hashed(rows).unsqueeze(1) * self.config.grid + self._hashed(columns)).reshape(-1)
        return tokens + encoder.posembed_input.position_emb[0][place] + encoder.scaleembed_input.scale_emb[scale]

    def _hashed(self, count: int) -> Tensor:
        """Rows or columns of the table of positions, as `interpolate(mode="nearest")` spreads them over `count` patches, int64."""
        step = self.config.grid / torch.scalar_tensor(count)
        return (torch.arange(count) * step).floor().long().clamp(max=self.config.grid - 1)
