"""The video denoiser: a two-level U-Net over latents, with space-time attention at the coarse level.

Convolutions see one frame at a time. Frames meet only in attention, where a frame is known by its index inside the window.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.freeu import freeu as apply_freeu
from modeling.pocket.layers import Attention, ChannelNorm, FeedForward, Norm, grid_waves, place_waves, waves
from modeling.pocket.windows import Windows

_FRAME_WAVES, _STEP_WAVES = 32, 128


@dataclass(frozen=True)
class DenoiserConfig:
    """Channels in and out, widths and heads of the two levels, and whether coarse frames attend jointly or cell by cell."""

    in_channels: int = 16
    out_channels: int = 16
    widths: tuple[int, int] = (80, 160)
    heads: tuple[int, int] = (2, 4)
    context_width: int = 128
    embedding: int = 256
    joint: bool = True
    reach: int | None = None  #: frames further apart than this do not attend to one another
    phases: int = 0  #: frames from one key to the next, if blocks shall know a frame's place between its keys
    freeu: int = 2  #: version of FreeU in the graph
    beside: int = 0  #: channels that come out beside the prediction, after it


class Block(nn.Module):
    """Two convolutions, scaled and shifted by the embedding `[N, embedding]`; starts as the identity (or a projection)."""

    def __init__(self, width_in: int, width: int, embedding: int):
        super().__init__()
        self.norm_in = ChannelNorm(width_in)
        self.conv_in = nn.Conv2d(width_in, width, 3, padding=1)
        self.scale_shift = nn.Linear(embedding, 2 * width)
        self.norm_out = ChannelNorm(width)
        self.conv_out = nn.Conv2d(width, width, 3, padding=1)
        self.skip = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        both = self.scale_shift(embedding)[:, :, None, None]
        scale, shift = both[:, : both.shape[1] // 2], both[:, both.shape[1] // 2 :]
        h = self.conv_in(F.silu(self.norm_in(x)))
        h = self.conv_out(F.silu(self.norm_out(h) * (1 + scale) + shift))
        return self.skip(x) + h


class FrameAttention(nn.Module):
    """Self-attention over frames, with its residual: of each cell for itself, or of all cells together (`joint`).

    `reach` limits how far cells that attend for themselves look, so that a clip may be longer than those of training.
    """

    def __init__(self, width: int, heads: int, joint: bool, reach: int | None):
        super().__init__()
        self.joint, self.reach = joint, reach
        self.norm = Norm(width)
        self.time = nn.Linear(_FRAME_WAVES, width)
        self.attention = Attention(width, heads)

    def forward(self, x: Tensor, times: Tensor, windows: Windows | None) -> Tensor:
        """`x` `[B, F, S, C]`; `times` `[F]` or `[B, F]`, or `[L]` with windows: index of each frame.

        A lone frame is left as it is when cells attend for themselves: images train without this layer.
        """
        if x.shape[1] == 1 and windows is None and not self.joint:
            return x
        h, time = self.norm(x), self.time(waves(times, _FRAME_WAVES, 2.0)).unsqueeze(-2)
        if windows is not None:
            return x + self._windowed(h, time, windows)
        h = h + time
        batch, frames, cells, width = h.shape
        h = h.reshape(batch, frames * cells, width) if self.joint else h.transpose(1, 2)
        h = self.attention(h, self.attention.keys_values(h), self._too_far(frames, h.device))
        return x + (h.reshape(batch, frames, cells, width) if self.joint else h.transpose(1, 2))

    def _windowed(self, h: Tensor, time: Tensor, windows: Windows) -> Tensor:
        """`h` `[B, F, S, C]` in windows, `time` `[L, 1, C]` of the places in them.

        Projections are linear: frames and places have theirs once, and windows, in which a frame stands several times, add them up.
        """
        attention = self.attention
        query = windows.gather(attention.query(h)) + attention.query(time)
        keys_values = windows.gather(attention.keys_values(h)) + attention.keys_values(time)
        batch, frames, cells, width = query.shape
        if self.joint:
            made = attention.by_head(query.flatten(1, 2), keys_values.flatten(1, 2), None).reshape(batch, frames, cells, width)
        else:
            made = attention.by_head(query.transpose(1, 2), keys_values.transpose(1, 2), self._too_far(frames, h.device)).transpose(1, 2)
        return attention.out(windows.scatter(made))

    def _too_far(self, frames: int, device: torch.device) -> Tensor | None:
        """What is added to the logits `[F, F]` of frames out of reach."""
        if self.joint or self.reach is None:
            return None
        frame = torch.arange(frames, device=device)
        return ((frame.unsqueeze(1) - frame).abs() > self.reach).float() * -1e4


class TextAttention(nn.Module):
    """Cross-attention of every cell to the words of its frame, with its residual."""

    def __init__(self, width: int, heads: int, context_width: int):
        super().__init__()
        self.norm = Norm(width)
        self.attention = Attention(width, heads, context_width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """`x` `[B, F, S, C]`, `context` `[B, F or 1, T, D]`."""
        words = self.attention.keys_values(context)
        if context.shape[1] == 1:
            return x + self.attention(self.norm(x).flatten(1, 2), words.squeeze(1)).view_as(x)
        frame = torch.arange(x.shape[1], device=x.device).clamp(max=context.shape[1] - 1)
        return x + self.attention(self.norm(x), words.index_select(1, frame))


class Mixer(nn.Module):
    """Place, frames, words, feed-forward: the transformer block of the coarse level."""

    def __init__(self, config: DenoiserConfig):
        super().__init__()
        width, heads = config.widths[1], config.heads[1]
        self.place = nn.Linear(16, width)
        self.frames = FrameAttention(width, heads, config.joint, config.reach)
        self.words = TextAttention(width, heads, config.context_width)
        self.feed_forward = FeedForward(width)

    def forward(self, x: Tensor, scope: "Scope") -> Tensor:
        h = scope.to_tokens(x) + self.place(scope.places(*x.shape[-2:], cells=2))
        h = self.words(self.frames(h, scope.times, scope.windows), scope.context)
        return scope.to_pictures(self.feed_forward(h), x)


class CellAttention(nn.Module):
    """Frame attention of each cell for itself, on pictures."""

    def __init__(self, width: int, heads: int, reach: int | None):
        super().__init__()
        self.frames = FrameAttention(width, heads, joint=False, reach=reach)

    def forward(self, x: Tensor, scope: "Scope") -> Tensor:
        return scope.to_pictures(self.frames(scope.to_tokens(x), scope.times, scope.windows), x)


@dataclass(frozen=True)
class Scope:
    """What all blocks of one call share."""

    frames: int
    context: Tensor
    times: Tensor
    windows: Windows | None
    exemplar: Tensor | None = None  #: `[B, S, E]`: a subject as tokens, for blocks that look at one
    #: Rows and columns of the whole picture, row and column where the given cells begin, `[4]` of all clips or `[B, 4]`; without it they are
    #: the whole.
    picture: Tensor | None = None

    def places(self, height: int, width: int, cells: int) -> Tensor:
        """`[height * width, 16]` or `[B, 1, height * width, 16]`: where in the picture positions of `cells` cells a side lie."""
        if self.picture is None:
            return grid_waves(height, width)
        y, x = ((torch.arange(side) + 0.5) * cells for side in (height, width))
        rows, columns, top, left = self.picture.float().unsqueeze(-1).unbind(-2)
        places = place_waves((y + top) / rows, (x + left) / columns)
        return places if places.ndim == 2 else places.unsqueeze(1)

    def to_tokens(self, x: Tensor) -> Tensor:
        """`[B * F, C, h, w]` to `[B, F, h * w, C]`."""
        return x.permute(0, 2, 3, 1).reshape(-1, self.frames, x.shape[2] * x.shape[3], x.shape[1])

    def to_pictures(self, tokens: Tensor, like: Tensor) -> Tensor:
        """Back to the shape of `like`."""
        return tokens.reshape(-1, *like.shape[2:], like.shape[1]).permute(0, 3, 1, 2)


class Shortcut(nn.Module):
    """Adds the noisy latents, and the given ones if there are any, to the result, each channel times a gain that depends on the step.

    Copying what is given is then free; starts at nothing.
    """

    def __init__(self, config: DenoiserConfig):
        super().__init__()
        self.channels = config.out_channels
        self.given = config.in_channels >= 2 * config.out_channels
        self.gain = nn.Linear(config.embedding, config.out_channels * (1 + self.given))
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.gain.bias)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """`x` `[N, Cin, h, w]`: noisy latents first, given latents last; `embedding` `[N, embedding]`."""
        gain = self.gain(embedding)[:, :, None, None]
        noisy = gain[:, : self.channels] * x[:, : self.channels]
        return noisy + gain[:, self.channels :] * x[:, -self.channels :] if self.given else noisy


class Denoiser(nn.Module):
    """Noisy latents and words to a prediction (v). Spatial sides may be odd: going up takes the size of the skip."""

    def __init__(self, config: DenoiserConfig):
        super().__init__()
        fine, coarse = config.widths
        self.config = config
        self.step = nn.Sequential(nn.Linear(_STEP_WAVES, config.embedding), nn.SiLU(), nn.Linear(config.embedding, config.embedding))
        self.pooled = nn.Linear(config.context_width, config.embedding)
        self.phase = nn.Embedding(config.phases, config.embedding) if config.phases else None
        self.embed = nn.Sequential(nn.SiLU(), nn.Linear(config.embedding, config.embedding), nn.SiLU())
        self.conv_in = nn.Conv2d(config.in_channels, fine, 3, padding=1)
        self.place = nn.Linear(16, fine)
        self.fine_down = Block(fine, fine, config.embedding)
        self.fine_frames_down = CellAttention(fine, config.heads[0], config.reach)
        self.down = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.coarse_down = Block(coarse, coarse, config.embedding)
        self.mixers_down = nn.ModuleList(Mixer(config) for _ in range(2))
        self.middle = Block(coarse, coarse, config.embedding)
        self.mixer_middle = Mixer(config)
        self.coarse_up = Block(2 * coarse, coarse, config.embedding)
        self.mixer_up = Mixer(config)
        self.up = nn.Conv2d(coarse, 4 * fine, 1)
        self.fine_up = Block(2 * fine, fine, config.embedding)
        self.fine_frames_up = CellAttention(fine, config.heads[0], config.reach)
        self.fine_last = Block(fine, fine, config.embedding)
        self.norm_out = ChannelNorm(fine)
        self.conv_out = nn.Conv2d(fine, config.out_channels + config.beside, 3, padding=1)
        self.shortcut = Shortcut(config)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    @property
    def channels_in(self) -> int:
        """Channels of `sample`."""
        return self.config.in_channels

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
        exemplar: Tensor | None = None,
    ) -> Tensor:
        """`sample` `[B, Cin, F, h, w]`, `timestep` `[B]`, `context` `[B, F or 1, T, D]` to `[B, C + beside, F, h, w]`.

        `freeu` `[4]` (b1, b2, s1, s2), `windows` and `window_weights` `[n, L]` as in `docs/model-packages.md`; without them
        plain attention over all frames. `times` `[F]` or `[B, F]`: index of each frame, 0..F-1 if not given; only without windows.
        """
        batch, _, frames, _, _ = sample.shape
        if times is None:
            times = torch.arange(frames if windows is None else windows.shape[1], device=sample.device)
        scope = Scope(frames, context, times, None if windows is None else Windows.of(windows, window_weights, frames), exemplar)

        noise = self.tell_noise(timestep, context, frames)
        embedding = self.embed(noise)

        x = sample.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        fine, coarse = encode(self, self.conv_in(x), embedding, scope)
        h, short = self.ascend(fine, coarse, coarse, embedding, scope, freeu), self.shortcut(x, embedding)
        h = torch.cat([h[:, : self.config.out_channels] + short, h[:, self.config.out_channels :]], dim=1) if self.config.beside else h + short
        return h.unflatten(0, (batch, frames)).transpose(1, 2)

    def tell_noise(self, timestep: Tensor, context: Tensor, frames: int) -> Tensor:
        """What every frame is told of its noise (`timestep` `[B]` or `[B, F]`) and its words, before `embed`: `[B * F, embedding]`."""
        noise = self.step(waves(timestep, _STEP_WAVES, 1.0))
        frame = torch.arange(frames, device=timestep.device).clamp(max=context.shape[1] - 1)
        if timestep.ndim > 1:
            return self._with_phase(noise + self.pooled(context.sum(2) / 8).index_select(1, frame)).flatten(0, 1)
        told = noise.unsqueeze(1) + self.pooled(context.sum(2) / 8)
        return self._with_phase(told.index_select(1, frame)).flatten(0, 1)

    def ascend(self, fine: Tensor, coarse: Tensor, h: Tensor, embedding: Tensor, scope: Scope, freeu: Tensor | None = None) -> Tensor:
        """The middle and the way up: from `h`, past the skips, to `[B * F, out_channels, h, w]`."""
        h = self.mixer_middle(self.middle(h, embedding), scope)
        if freeu is not None:
            h, coarse = apply_freeu(h, coarse, freeu[0], freeu[2], self.config.freeu)
        h = self.mixer_up(self.coarse_up(torch.cat([h, coarse], dim=1), embedding), scope)
        h = F.pixel_shuffle(self.up(h), 2)[:, :, : fine.shape[-2], : fine.shape[-1]]
        if freeu is not None:
            h, fine = apply_freeu(h, fine, freeu[1], freeu[3], self.config.freeu)
        h = self.fine_frames_up(self.fine_up(torch.cat([h, fine], dim=1), embedding), scope)
        return self.conv_out(F.silu(self.norm_out(self.fine_last(h, embedding))))

    def _with_phase(self, embedding: Tensor) -> Tensor:
        """Tell `[B, F, embedding]` where each frame lies between its keys; frame 0 is a key."""
        if self.phase is None:
            return embedding
        return embedding + self.phase(torch.arange(embedding.shape[1], device=embedding.device) % self.config.phases)


def encode(half: nn.Module, x: Tensor, embedding: Tensor, scope: Scope) -> tuple[Tensor, Tensor]:
    """The way down of a denoiser, or of a module that has the same parts: features `x` `[B * F, C, h, w]` to both levels."""
    height, width = x.shape[-2:]
    place = half.place(scope.places(height, width, cells=1)).unflatten(-2, (height, width)).movedim(-1, -3)
    place = place if place.ndim == 3 else place.expand(-1, scope.frames, -1, -1, -1).flatten(0, 1)
    fine = half.fine_frames_down(half.fine_down(x + place, embedding), scope)
    coarse = half.coarse_down(half.down(fine), embedding)
    for mixer in half.mixers_down:
        coarse = mixer(coarse, scope)
    return fine, coarse
