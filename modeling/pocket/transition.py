"""The transition denoiser: the video denoiser, told about known frames, which it keeps."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from modeling.pocket.collage import DIRECTIONS, Collage
from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.exact import exact_v

_SHARP = 40.0  #: of the softmax over distances in frames that picks one frame
_AFTER = 0.25  #: so much farther a later frame counts, so that of two equally near ones the earlier is taken
_UNKNOWN, _WRONG_SIDE = 1e4, 2e4  #: what is added to the distance of frames that are not to be picked
TOLD = 4  #: channels that say where between its known neighbours a frame lies: whether it does, how far, and how far into a cell a pan has come
SHIFTED = 4  #: both neighbours as a pan to the right and one to the left would have moved them
_GAP = 0.85  #: what lies between the two pictures of a pan, in heights of a picture


def inner_config(config: DenoiserConfig) -> DenoiserConfig:
    """The denoiser inside: more channels in, and beside what it paints how strong the pieces of the known frames are, and where they lie."""
    channels = config.out_channels
    return replace(config, in_channels=inner_channels(channels), beside=channels + DIRECTIONS)


def inner_channels(channels: int) -> int:
    """Channels of the denoiser inside, for latents of `channels`: noisy, mask, place, panned neighbours, known before, known after, the nearer."""
    return (4 + SHIFTED) * channels + 1 + TOLD


@dataclass(frozen=True)
class Surroundings:
    """The known frames around every frame, `[B, C, F, h, w]`, zero where there is none, and the place between them, `[B, 2, F, 1, 1]`."""

    before: Tensor
    after: Tensor
    nearer: Tensor
    place: Tensor
    ends: Tensor  #: `[B, 4, F, 1, 1]`: whether there is one before, one after; whether that is the nearer one

    def at(self, frames: Tensor) -> "Surroundings":
        """Of some frames `[n]` alone."""
        return Surroundings(*(part.index_select(2, frames) for part in (self.before, self.after, self.nearer, self.place, self.ends)))


class TransitionDenoiser(nn.Module):
    """Input `[B, 2C + 1, F, h, w]`: noisy latents, mask (0 known, 1 to be made), known latents (0 where unknown).

    The denoiser inside sees the known frames before and after each frame as they are, begins with the nearer one, and says how the clean frame
    differs from it; the result is the v of that frame. Known frames do not differ, so sampling keeps them. Nothing is blended: a mix of both
    ends would have to be undone first wherever the way between them is not a dissolve.

    A frame between two known ones follows from them, its place and the words. It is not told its noise: there is one function to learn and not
    one for every strength of noise, and every step of a sampler says the same. Frames after the last known one are a matter of chance, and of noise.
    """

    def __init__(self, config: DenoiserConfig, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.config, self.shift, self.train_steps = config, shift, train_steps
        self.denoiser = Denoiser(config)
        self.collage = Collage(config.out_channels)

    @property
    def channels_in(self) -> int:
        """Channels of `sample`: noisy latents, mask and known latents."""
        return 2 * self.config.out_channels + 1

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """As `Denoiser.forward`, to `[B, C, F, h, w]`."""
        channels = self.config.out_channels
        noisy, mask, known = sample[:, :channels], sample[:, channels : channels + 1], sample[:, channels + 1 :]
        clean = self.clean(noisy, mask, surroundings(known, mask), timestep, context, freeu, windows, window_weights)
        return exact_v(noisy, mask * clean + (1 - mask) * known, timestep, self.shift, self.train_steps)

    def clean(
        self,
        noisy: Tensor,
        mask: Tensor,
        around: Surroundings,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
    ) -> Tensor:
        """The frames without noise, `[B, C, F, h, w]`, also of frames that are known."""
        return self.compose(noisy, mask, around, timestep, context, freeu, windows, window_weights, times)[0]

    def compose(
        self,
        noisy: Tensor,
        mask: Tensor,
        around: Surroundings,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The frames without noise; of each, `[B * F, ...]`, the pieces it is put together from and how much is seen of each, as `Collage` says."""
        between = around.place[:, :1]
        told = torch.cat([noisy * (1 - between), mask, *panned(around), around.before, around.after, around.nearer], dim=1)
        step = torch.where(between[:, 0, :, 0, 0] > 0.5, self.train_steps - 1, timestep.unsqueeze(1))
        said = self.denoiser(told, step, context, freeu, windows, window_weights, times)
        channels = self.config.out_channels
        differs, gain, directions = said[:, :channels], said[:, channels : 2 * channels], said[:, 2 * channels :]
        ends = around.ends[..., 0, 0].transpose(1, 2).flatten(0, 1)
        neighbours, share = (_frames(around.before), _frames(around.after)), _frames(around.place[:, 1:])[:, 0, 0, 0]
        laid, pieces, seen = self.collage(neighbours, ends[:, :2], ends[:, 2:], share, _frames(directions))
        laid = laid.unflatten(0, (noisy.shape[0], noisy.shape[2])).transpose(1, 2)
        return laid * (1 + gain) + differs, pieces, seen


def _frames(x: Tensor) -> Tensor:
    """`[B, C, F, h, w]` to `[B * F, C, h, w]`."""
    return x.transpose(1, 2).flatten(0, 1)


def surroundings(known: Tensor, mask: Tensor) -> Surroundings:
    """From known latents `[B, C, F, h, w]`, 0 where unknown, and the mask `[B, 1, F, h, w]`."""
    unknown = mask.mean((1, 3, 4)).unsqueeze(1)
    frame = torch.arange(mask.shape[2], device=mask.device)
    ahead = (frame - frame.unsqueeze(1)).float()  # [i, j]: how far j lies after i
    far = ahead.abs() * _SHARP + unknown * _UNKNOWN
    picked = {
        "before": (-far - (ahead > 0) * _WRONG_SIDE).softmax(-1),
        "after": (-far - (ahead < 0) * _WRONG_SIDE).softmax(-1),
        "nearer": (-far - (ahead > 0) * _AFTER * _SHARP).softmax(-1),
    }
    rows = known.transpose(1, 2).flatten(2)
    frames = {name: (share @ rows).unflatten(2, (known.shape[1], *known.shape[3:])).transpose(1, 2) for name, share in picked.items()}
    gaps = [(share * (1 - unknown) * ahead.abs()).sum(-1) for share in (picked["before"], picked["after"])]
    there = [(share * (1 - unknown)).sum(-1) for share in (picked["before"], picked["after"])]
    between = there[0] * there[1]
    place = torch.stack([between, between * gaps[0] / (gaps[0] + gaps[1]).clamp(min=1)], dim=1)
    first = there[0] * torch.where(between > 0.5, (place[:, 1] <= 0.5).float(), 1.0)
    ends = torch.stack([*there, first, there[1] * (1 - first)], dim=1)
    return Surroundings(**frames, place=place[..., None, None], ends=ends[..., None, None])


def panned(around: Surroundings) -> tuple[Tensor, ...]:
    """The place, then both neighbours where a camera would see them that goes on to a picture at the side, with no speed at both ends.

    Convolutions of a frame reach few cells, and half of all joins are pans; a shift need not be learned as well as what it shows.
    """
    height, width = around.before.shape[-2:]
    share = around.place[:, 1]
    gone, whole = share * share * (3 - 2 * share), width + _GAP * height
    shifts = gone * whole, (gone - 1) * whole
    moved = [_shifted(frames, sign * shift) for sign in (1, -1) for frames, shift in zip((around.before, around.after), shifts, strict=True)]
    angle = 2 * torch.pi * shifts[0].unsqueeze(1)
    place = torch.cat([around.place, angle.cos(), angle.sin()], dim=1)
    return (place.expand(-1, -1, -1, height, width), *moved)


def _shifted(frames: Tensor, cells: Tensor) -> Tensor:
    """Frames `[B, C, F, h, w]` seen `cells` `[B, F, 1, 1]` farther to the right, mixed between two cells; nothing lies outside."""
    column = torch.arange(frames.shape[-1], device=frames.device).float()
    share = (1 - (column.unsqueeze(1) - column - cells).abs()).clamp(min=0)  # [B, F, from, to]
    return (frames.transpose(1, 2).flatten(2, 3) @ share).unflatten(2, (frames.shape[1], frames.shape[3])).transpose(1, 2)
