"""RAFT: optical flow between two frames.

Source: Teed and Deng 2020, arXiv 2003.12039; keys and numbers of princeton-vl/RAFT@2888e15, `core/`.

Where we differ: sides of the frames are multiples of eight (the reference pads), and only the last of the flows is brought to full size.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTHS, _FEATURES, _HIDDEN = (64, 96, 128), 256, 128
_LEVELS, _RADIUS = 4, 4  #: of the table of likenesses: halvings, and how far around a place is looked, cells
_CELL = 8  #: pixels
_MASK_SCALE = 0.25  #: evens out gradients in training


@dataclass(frozen=True)
class RaftConfig:
    """`iterations` as VBench runs it."""

    iterations: int = 20


class _Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, norm: type[nn.Module], stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm1, self.norm2 = norm(outputs), norm(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), norm(outputs)) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.norm1(self.conv1(x)))
        h = F.relu(self.norm2(self.conv2(h)))
        return F.relu((x if self.downsample is None else self.downsample(x)) + h)


class _Encoder(nn.Module):
    """`[N, 3, h, w]` to `[N, C, h/8, w/8]`."""

    def __init__(self, outputs: int, norm: type[nn.Module]):
        super().__init__()
        near, middle, far = _WIDTHS
        self.conv1, self.norm1 = nn.Conv2d(3, near, 7, 2, 3), norm(near)
        self.layer1 = nn.Sequential(_Residual(near, near, norm, 1), _Residual(near, near, norm, 1))
        self.layer2 = nn.Sequential(_Residual(near, middle, norm, 2), _Residual(middle, middle, norm, 1))
        self.layer3 = nn.Sequential(_Residual(middle, far, norm, 2), _Residual(far, far, norm, 1))
        self.conv2 = nn.Conv2d(far, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))
        return self.conv2(self.layer3(self.layer2(self.layer1(x))))


class _MotionEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.convc1 = nn.Conv2d(_LEVELS * (2 * _RADIUS + 1) ** 2, 256, 1)
        self.convc2 = nn.Conv2d(256, 192, 3, padding=1)
        self.convf1 = nn.Conv2d(2, 128, 7, padding=3)
        self.convf2 = nn.Conv2d(128, 64, 3, padding=1)
        self.conv = nn.Conv2d(256, 126, 3, padding=1)

    def forward(self, flow: Tensor, likeness: Tensor) -> Tensor:
        alike = F.relu(self.convc2(F.relu(self.convc1(likeness))))
        moved = F.relu(self.convf2(F.relu(self.convf1(flow))))
        return torch.cat([F.relu(self.conv(torch.cat([alike, moved], 1))), flow], 1)


class _Recurrent(nn.Module):
    """A gated unit along rows, then along columns."""

    def __init__(self, inputs: int):
        super().__init__()
        for number, kernel, padding in (("1", (1, 5), (0, 2)), ("2", (5, 1), (2, 0))):
            for gate in ("convz", "convr", "convq"):
                self.add_module(gate + number, nn.Conv2d(_HIDDEN + inputs, _HIDDEN, kernel, padding=padding))

    def forward(self, h: Tensor, x: Tensor) -> Tensor:
        for z, r, q in ((self.convz1, self.convr1, self.convq1), (self.convz2, self.convr2, self.convq2)):
            both = torch.cat([h, x], 1)
            update, reset = z(both).sigmoid(), r(both).sigmoid()
            h = (1 - update) * h + update * q(torch.cat([reset * h, x], 1)).tanh()
        return h


class _Update(nn.Module):
    """`update_block` of the checkpoint."""

    def __init__(self):
        super().__init__()
        self.encoder = _MotionEncoder()
        self.gru = _Recurrent(2 * _HIDDEN)
        self.flow_head = nn.Module()
        self.flow_head.conv1 = nn.Conv2d(_HIDDEN, 256, 3, padding=1)
        self.flow_head.conv2 = nn.Conv2d(256, 2, 3, padding=1)
        self.mask = nn.Sequential(nn.Conv2d(_HIDDEN, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 9 * _CELL**2, 1))

    def forward(self, state: Tensor, context: Tensor, likeness: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
        """The next state and by how much the flow changes."""
        state = self.gru(state, torch.cat([context, self.encoder(flow, likeness)], 1))
        return state, self.flow_head.conv2(F.relu(self.flow_head.conv1(state)))


class Raft(nn.Module):
    """Two frames `[N, 3, h, w]` in -1..1 to where the pixels of the first went, `[N, 2, h, w]`, right and down, pixels, float32."""

    def __init__(self, config: RaftConfig):
        super().__init__()
        self.config = config
        self.fnet = _Encoder(_FEATURES, nn.InstanceNorm2d)
        self.cnet = _Encoder(2 * _HIDDEN, nn.BatchNorm2d)
        self.update_block = _Update()

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        table = _table(self.fnet(before), self.fnet(after))
        both = self.cnet(before)
        state, context = both[:, :_HIDDEN].tanh(), F.relu(both[:, _HIDDEN:])
        start = _places(state)
        flow = torch.zeros_like(start)
        for _ in range(self.config.iterations):
            state, change = self.update_block(state, context, _likeness(table, start + flow), flow)
            flow = flow + change
        return _enlarged(flow, _MASK_SCALE * self.update_block.mask(state)).float()


def _places(like: Tensor) -> Tensor:
    """Column and row of every cell, `[N, 2, r, c]`."""
    count, _, rows, columns = like.shape
    x, y = torch.arange(columns, dtype=like.dtype), torch.arange(rows, dtype=like.dtype)
    grid = torch.stack([x.expand(rows, columns), y.unsqueeze(1).expand(rows, columns)])
    return grid.to(like.device).expand(count, 2, rows, columns)


def _table(before: Tensor, after: Tensor) -> list[Tensor]:
    """How alike every cell of one frame is to every cell of the other, `[N r c, 1, r, c]`, and the same halved again and again."""
    rows, columns = before.shape[2:]
    alike = before.flatten(2).transpose(1, 2) @ after.flatten(2) / _FEATURES**0.5
    levels = [alike.reshape(-1, 1, rows, columns)]
    for _ in range(_LEVELS - 1):
        levels.append(F.avg_pool2d(levels[-1], 2, 2))
    return levels


def _likeness(table: list[Tensor], places: Tensor) -> Tensor:
    """The table around `places` `[N, 2, r, c]`, `[N, levels (2 radius + 1)^2, r, c]`. As in the reference, steps along x change slowest."""
    count, _, rows, columns = places.shape
    steps = torch.arange(-_RADIUS, _RADIUS + 1, dtype=places.dtype, device=places.device)
    side = 2 * _RADIUS + 1
    around = torch.stack([steps.unsqueeze(1).expand(side, side), steps.expand(side, side)], -1)  # [9, 9, 2]
    middle = places.permute(0, 2, 3, 1).reshape(-1, 1, 1, 2)
    found = []
    for level, alike in enumerate(table):
        place = middle / 2**level + around
        x, y = 2 * place[..., 0] / (alike.shape[3] - 1) - 1, 2 * place[..., 1] / (alike.shape[2] - 1) - 1
        found.append(F.grid_sample(alike, torch.stack([x, y], -1), align_corners=True).reshape(count, rows, columns, side * side))
    return torch.cat(found, -1).permute(0, 3, 1, 2)


def _enlarged(flow: Tensor, mask: Tensor) -> Tensor:
    """Flow of cells to flow of pixels: each is a mixture of the nine cells around it, by shares that the network gives."""
    count, _, rows, columns = flow.shape
    shares = mask.reshape(count, 1, 9, _CELL, _CELL, rows, columns).softmax(2)
    bordered = F.pad(_CELL * flow, (1, 1, 1, 1))
    near = [bordered[:, :, y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    mixed = (shares * torch.stack(near, 2).reshape(count, 2, 9, 1, 1, rows, columns)).sum(2)  # [N, 2, 8, 8, r, c]
    return mixed.permute(0, 1, 4, 2, 5, 3).reshape(count, 2, _CELL * rows, _CELL * columns)


def without_twins(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The checkpoint names the norm of a shortcut twice: as its own and as part of `downsample`."""
    return {key: tensor for key, tensor in state.items() if ".norm3." not in key}
