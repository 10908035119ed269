"""The interpolation denoiser: the video denoiser, told the two keys that a frame lies between.

The repeated keys of LaVie name only the nearer key. Both can be read from them: frames 0, 4, 8 … hold the keys themselves.
What lies between the keys of a join is played by the theatre that played the keys.
"""

import torch
from torch import Tensor, nn

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.exact import exact_v
from modeling.pocket.theatre.theatre import Theatre

PER_KEY = 4  #: frames from one key to the next
_SAME = 0.02  #: keys that the theatre played differ by less from what it plays again, in mean square


class InterpDenoiser(nn.Module):
    """Input `[B, 2C, F, h, w]`: noisy latents and repeated keys (frame j has key floor((j + 1) / 4)); frame 0 is a key, and F = 4n + 1.

    The denoiser inside sees noisy latents, the key before, the key after and their cross-fade, and says how the clean frame differs
    from the cross-fade; the result is the v of that frame. Key frames do not differ, so sampling keeps them.

    In a fast pan a thing moves by many cells from key to key, and half of it at both would be seen. So the theatre plays the way from the first to
    the last key again, with the same words; if the keys are those of its play, it makes the frames between them.
    """

    def __init__(self, config: DenoiserConfig, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.config, self.shift, self.train_steps = config, shift, train_steps
        self.denoiser = Denoiser(config)
        self.theatre = Theatre(config.out_channels, config.context_width)

    @property
    def channels_in(self) -> int:
        """Channels of `sample`: noisy latents and repeated keys."""
        return 2 * self.config.out_channels

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
    ) -> Tensor:
        """As `Denoiser.forward`, to `[B, C, F, h, w]`."""
        channels, frames = self.config.out_channels, sample.shape[2]
        noisy, copies = sample[:, :channels], sample[:, channels:]
        frame = torch.arange(frames, device=sample.device)
        played, taken = self.theatre(
            copies[:, :, 0], copies[:, :, -1], (frame / (frames - 1)).expand(sample.shape[0], -1), context.sum(2).mean(1) / 8
        )
        is_key = (frame % PER_KEY == 0).float()
        inner = is_key * (frame > 0) * (frame < frames - 1)
        differs = ((played - copies).square().mean((1, 3, 4)) * inner).sum(1) / inner.sum().clamp(min=1)
        again = taken * (differs < _SAME) * (inner.sum() > 0)
        chosen = (again.unsqueeze(1) * (1 - is_key))[:, None, :, None, None]
        painted = self.paint(sample, timestep, context, freeu, windows, window_weights, times)
        return painted + chosen * (exact_v(noisy, played, timestep, self.shift, self.train_steps) - painted)

    def paint(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
        times: Tensor | None = None,
    ) -> Tensor:
        """As `forward`, without the theatre."""
        channels = self.config.out_channels
        noisy, copies = sample[:, :channels], sample[:, channels:]
        before, after, share = surrounding_keys(copies)
        faded = before + (after - before) * share
        told = torch.cat([noisy, before, after, faded], dim=1)
        differs = self.denoiser(told, timestep, context, freeu, windows, window_weights, times) * (share > 0)
        return exact_v(noisy, faded + differs, timestep, self.shift, self.train_steps)


def surrounding_keys(copies: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of repeated keys `[B, C, F, h, w]` the key before and the key after each frame, and how far between them it lies, `[F, 1, 1]`, 0..1."""
    last = copies.shape[2] - 1
    frame = torch.arange(last + 1, device=copies.device)
    before = frame // PER_KEY * PER_KEY
    after = ((frame + PER_KEY - 1) // PER_KEY * PER_KEY).clamp(max=last)
    share = ((frame - before).float() / PER_KEY).view(-1, 1, 1)
    return copies.index_select(2, before), copies.index_select(2, after), share
