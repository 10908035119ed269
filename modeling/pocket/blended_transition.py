"""The network of the shipped `pocket-transition`: it begins with a blend of the known frames, so that a join is a dissolve.

`transition.py` is the one that is trained now. This file goes when its weights are shipped.
"""

import torch
from torch import Tensor, nn

from modeling.pocket.denoiser import Denoiser, DenoiserConfig
from modeling.pocket.exact import exact_v

_NEAR = 0.3  #: how fast a known frame's influence falls, per frame


class BlendedTransition(nn.Module):
    """Input `[B, 2C + 1, F, h, w]`: noisy latents, mask (0 known, 1 to be made), known latents (0 where unknown).

    The denoiser inside sees a blend of the known frames, the nearest strongest, and says how the clean frame differs from it; the result is
    the v of that frame. Known frames do not differ, so sampling keeps them.
    """

    def __init__(self, config: DenoiserConfig, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.config, self.shift, self.train_steps = config, shift, train_steps
        self.denoiser = Denoiser(config)

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
        blend = _blend_known(known, mask)
        differs = self.denoiser(torch.cat([noisy, mask, blend], dim=1), timestep, context, freeu, windows, window_weights)
        clean = mask * (blend + differs) + (1 - mask) * known
        return exact_v(noisy, clean, timestep, self.shift, self.train_steps)


def _blend_known(known: Tensor, mask: Tensor) -> Tensor:
    """Known latents `[B, C, F, h, w]` spread over all frames, the nearest strongest; nothing where nothing is known."""
    unknown = mask.mean((1, 3, 4))
    frame = torch.arange(mask.shape[2], device=mask.device)
    distance = (frame.unsqueeze(1) - frame.unsqueeze(0)).abs().float()
    share = (-_NEAR * distance - 1e4 * unknown.unsqueeze(1)).softmax(-1)
    rows = known.transpose(1, 2).flatten(2)
    return (share @ rows).unflatten(2, (known.shape[1], *known.shape[3:])).transpose(1, 2)


def build() -> BlendedTransition:
    """As its package has it."""
    return BlendedTransition(DenoiserConfig(in_channels=33))
