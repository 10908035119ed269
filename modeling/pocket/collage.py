"""Frames put together from pieces of known frames: a piece is moved as a whole, and every spot shows one of them.

A cell of latents holds sixteen by sixteen pixels, and half of one beside half of another is not their mean. So latents are spread out into ink
on a grid four times as fine, where moving and cutting are what they are in pictures, and gathered again.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FINE = 4  #: spots of ink to a cell, along each side
INK = 8  #: channels of a spot
COLOURS = 3  #: the first of them, the mean colour of its pixels in -1..1; the others are what the decoder makes details of
CUT = 2  #: marks to a cell, along each side, between which the border of a piece runs
#: Pieces of each end, as they lie before anything is learned: as it is, and once more, so that a thing and what is behind it can part; then where
#: a pan to the right, one to the left, and a rise would have moved it.
PIECES = 5
_MOVE_OF = (0, 1, 2, 2, 3)  #: the movement that is said of each piece; pans share one
_MOVES = 4
_WIDTH = 96
_STRIDE = 3.0  #: cells of a movement of one
_SHARP = 4.0  #: what marks are multiplied by
_FIRST = 1.5  #: by so much the nearer end as it is comes before all others at first; with 3 others were never tried
_OUTSIDE = 6.0  #: what lies off the picture is chosen less by this
_NOTHING = 2.0  #: and nothing at all by this
_AROUND = 9  #: spots a side of what a spot differs from, whatever the light
_EMPTY = 0.03  #: by so much nothing is worse than a flat piece
_BETWEEN = 0.85  #: what lies between the two pictures of a pan, in heights of a picture
_TOP = 1.3  #: how high a rise comes, in heights of a picture
#: Channels of a cell that say how the pieces of both ends move, and which of them, or nothing, shows where.
DIRECTIONS = 2 * 2 * _MOVES + (2 * PIECES + 1) * CUT**2


class Collage(nn.Module):
    """Spreads both ends, moves pieces of them, chooses one for every spot, and gathers what is then there."""

    def __init__(self, channels: int):
        super().__init__()
        self.spread_in = nn.Conv2d(channels, _WIDTH, 3, padding=1)
        self.spread_out = nn.Conv2d(_WIDTH, INK * FINE**2, 3, padding=1)
        self.gather_in = nn.Conv2d((INK + 1) * FINE**2, _WIDTH, 3, padding=1)
        self.gather_out = nn.Conv2d(_WIDTH, channels, 3, padding=1)

    def forward(self, ends: tuple[Tensor, Tensor], there: Tensor, nearer: Tensor, share: Tensor, directions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Latents `[N, C, h, w]` of frames whose known neighbours `ends` have that shape too; the pieces, and how much of each is seen where.

        `there` `[N, 2]`: which of them exist; `nearer` `[N, 2]`: which one is the nearer; `share` `[N]`: how far between them a frame lies, 0
        unless it lies between two; `directions` `[N, DIRECTIONS, h, w]`.
        """
        ink = torch.stack([self.spread(end) for end in ends], dim=1)
        moves, marks = directions[:, : 4 * _MOVES], directions[:, 4 * _MOVES :]
        pieces = move(ink, moves, share)
        seen = choose(pieces, marks, there, nearer)
        return self.gather(*lay(pieces, seen)), pieces, seen

    def spread(self, latents: Tensor) -> Tensor:
        """`[N, C, h, w]` to ink `[N, INK, 4h, 4w]`."""
        return F.pixel_shuffle(self.spread_out(F.silu(self.spread_in(latents))), FINE)

    def gather(self, ink: Tensor, covered: Tensor) -> Tensor:
        """Ink, and how much of each spot it covers `[N, 1, 4h, 4w]`, to latents."""
        cells = F.pixel_unshuffle(torch.cat([ink, covered], dim=1), FINE)
        return self.gather_out(F.silu(self.gather_in(cells)))


def move(ink: Tensor, moves: Tensor, share: Tensor) -> Tensor:
    """Pieces `[N, 2, PIECES, INK + 1, H, W]` of the ink of both ends `[N, 2, INK, H, W]`; the last channel is whether there is any.

    `moves` `[N, 2 * 2 * _MOVES, h, w]`: for each end and movement how far right of and below a spot that is to be seen there lies, in strides.
    """
    height, width, rows, columns = *moves.shape[-2:], *ink.shape[-2:]
    said = _finer(moves, FINE).unflatten(1, (2, _MOVES, 2))[:, :, list(_MOVE_OF)] * _STRIDE
    far = said + _first_moves(share, height, width)[..., None, None]
    x = (torch.arange(columns, device=ink.device) + 0.5) / FINE + far[:, :, :, 0]
    y = (torch.arange(rows, device=ink.device) + 0.5).unsqueeze(1) / FINE + far[:, :, :, 1]
    paper = torch.cat([ink, torch.ones_like(ink[:, :, :1])], dim=2).flatten(0, 1)
    grid = torch.stack([x * (2 / width) - 1, y * (2 / height) - 1], dim=-1).flatten(0, 1).flatten(1, 2)  # [2N, PIECES * H, W, 2]
    made = F.grid_sample(paper, grid, align_corners=False)
    return made.view(ink.shape[0], 2, INK + 1, PIECES, rows, columns).transpose(2, 3)


def choose(pieces: Tensor, marks: Tensor, there: Tensor, nearer: Tensor) -> Tensor:
    """How much is seen of each piece, and of nothing, `[N, 2 * PIECES + 1, H, W]`, 1 in sum; `marks` `[N, (2 * PIECES + 1) * CUT**2, h, w]`."""
    marks = _finer(F.pixel_shuffle(marks, CUT), FINE // CUT) * _SHARP
    first = torch.tensor([_FIRST] + [0.0] * (PIECES - 1), device=marks.device)
    likely = (nearer.unsqueeze(2) * first + (there.unsqueeze(2) - 1) * 1e4).flatten(1)[..., None, None]
    inside = pieces[:, :, :, INK].flatten(1, 2)
    return torch.cat([marks[:, :-1] + likely - _OUTSIDE * (1 - inside), marks[:, -1:] - _NOTHING], dim=1).softmax(1)


def lay(pieces: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Ink `[N, INK, H, W]`, and how much of each spot it covers."""
    laid = (pieces.flatten(1, 2) * seen[:, :-1].unsqueeze(2)).sum(1)
    return laid[:, :INK], laid[:, INK:]


def misplaced(pieces: Tensor, seen: Tensor, true: Tensor) -> Tensor:
    """How far what is seen is from the true ink `[N, INK, H, W]` in shape, whatever the light, on average over what may be seen, `[N, H, W]`.

    It counts pieces one by one and not their sum: a spot that shows half of two pieces gains nothing by their being wrong in opposite ways.
    """
    shape, shapes = _relief(true), _relief(pieces.flatten(1, 2).flatten(0, 1)).unflatten(0, (len(true), -1))
    far = (shapes - shape.unsqueeze(1)).abs().mean(2)
    return (far * seen[:, :-1]).sum(1) + (shape.abs().mean(1) + _EMPTY) * seen[:, -1]


def _relief(ink: Tensor) -> Tensor:
    """By how much colours differ from those around."""
    colours = ink[:, :COLOURS]
    return colours - F.avg_pool2d(colours, _AROUND, 1, _AROUND // 2, count_include_pad=False)


def _first_moves(share: Tensor, height: int, width: int) -> Tensor:
    """Where pieces of both ends come from before anything is learned, in cells, `[N, 2, PIECES, 2]`; `share` `[N]`."""
    between, eased, whole, still = (share > 0).float(), _ease(share), width + _BETWEEN * height, torch.zeros_like(share)
    pans = eased * whole, (eased - 1) * whole * between
    rises = (-_TOP * height * _ease((2 * k).clamp(max=1)) * between for k in (share, 1 - share))
    pieces = [
        torch.stack([torch.stack([still, still, pan, -pan, still], dim=1), torch.stack([still, still, still, still, rise], dim=1)], dim=2)
        for pan, rise in zip(pans, rises, strict=True)
    ]
    return torch.stack(pieces, dim=1)


def _ease(t: Tensor) -> Tensor:
    return t * t * (3 - 2 * t)


def _finer(x: Tensor, times: int) -> Tensor:
    return F.interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)
