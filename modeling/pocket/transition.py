"""The transition denoiser: the video denoiser, told about known frames, which it keeps; joins are played by a theatre."""

import torch
from torch import Tensor, nn

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.exact import exact_v
from modeling.pocket.gap import first_gap
from modeling.pocket.theatre.theatre import Theatre

_NEAR = 0.3  #: how fast a known frame's influence falls, per frame


class TransitionDenoiser(nn.Module):
    """Input `[B, 2C + 1, F, h, w]`: noisy latents, mask (0 known, 1 to be made), known latents (0 where unknown).

    The denoiser inside sees a blend of the known frames, the nearest strongest, and says how the clean frame differs from it; the result is
    the v of that frame. Known frames do not differ, so sampling keeps them.

    Frames of the first gap between two known ones follow from these and from the words, if the theatre knows their backdrops and both are not of
    one shot: it plays them, whatever the noise.
    """

    def __init__(self, config: DenoiserConfig, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.config, self.shift, self.train_steps = config, shift, train_steps
        self.denoiser = Denoiser(config)
        self.theatre = Theatre(config.out_channels, config.context_width)

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
        gap = first_gap(known, mask)
        played, taken = self.theatre(gap.before, gap.after, gap.share, context.sum(2).mean(1) / 8)
        chosen = (gap.inside * taken.unsqueeze(1))[:, None, :, None, None]
        painted = self.paint(sample, timestep, context, freeu, windows, window_weights)
        return painted + chosen * (exact_v(noisy, played, timestep, self.shift, self.train_steps) - painted)

    def paint(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """As `forward`, without the theatre."""
        channels = self.config.out_channels
        noisy, mask, known = sample[:, :channels], sample[:, channels : channels + 1], sample[:, channels + 1 :]
        blend = blend_known(known, mask)
        differs = self.denoiser(torch.cat([noisy, mask, blend], dim=1), timestep, context, freeu, windows, window_weights)
        return exact_v(noisy, mask * (blend + differs) + (1 - mask) * known, timestep, self.shift, self.train_steps)


def blend_known(known: Tensor, mask: Tensor) -> Tensor:
    """Known latents `[B, C, F, h, w]` spread over all frames, the nearest strongest; nothing where nothing is known."""
    unknown = mask.mean((1, 3, 4))
    frame = torch.arange(mask.shape[2], device=mask.device)
    distance = (frame.unsqueeze(1) - frame.unsqueeze(0)).abs().float()
    share = (-_NEAR * distance - 1e4 * unknown.unsqueeze(1)).softmax(-1)
    rows = known.transpose(1, 2).flatten(2)
    return (share @ rows).unflatten(2, (known.shape[1], *known.shape[3:])).transpose(1, 2)
