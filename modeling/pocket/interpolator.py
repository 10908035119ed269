"""The interpolation denoiser: the video denoiser, told the two keys that a frame lies between.

The repeated keys of LaVie name only the nearer key. Both can be read from them: frames 0, 4, 8 … hold the keys themselves.
"""

import torch
from torch import Tensor, nn

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.exact import exact_v

PER_KEY = 4  #: frames from one key to the next


class InterpDenoiser(nn.Module):
    """Input `[B, 2C, F, h, w]`: noisy latents and repeated keys (frame j has key floor((j + 1) / 4)); frame 0 is a key, and F = 4n + 1.

    The denoiser inside sees noisy latents, the key before, the key after and their cross-fade, and says how the clean frame differs
    from the cross-fade; the result is the v of that frame. Key frames do not differ, so sampling keeps them.
    """

    def __init__(self, config: DenoiserConfig, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.config, self.shift, self.train_steps = config, shift, train_steps
        self.denoiser = Denoiser(config)

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
