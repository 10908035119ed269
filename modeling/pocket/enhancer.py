"""The enhancer: the video denoiser and a control branch that shows it the frames to be enhanced.

VEnhancer (He et al. 2024, arXiv 2407.07667, section 3): a U-Net and a branch with the shape of its way down, which sees hints at
key frames and is told there how noisy they are and by how much the picture was enlarged; what it finds goes to the U-Net
through convolutions that start at nothing.

Where we differ: frames attend cell by cell, and a cell is told its place in the whole picture, so a tile of a picture gets what
the picture would get there; the branch has no middle of its own; the network says how the clean latents differ from the hint, by as
much as the noise level lets it, so that it starts as good as the plainly enlarged frames.
"""

import torch
from torch import Tensor, nn

from modeling.pocket.denoiser import _FRAME_WAVES, _STEP_WAVES, Block, CellAttention, Denoiser, DenoiserConfig, Mixer, Scope, encode
from modeling.pocket.layers import waves
from modeling.pocket.windows import Windows

CONFIG = DenoiserConfig(joint=False)


class Control(nn.Module):
    """The way down once more, with the hint among its inputs; its parts have the names of the denoiser's."""

    def __init__(self, config: DenoiserConfig):
        super().__init__()
        fine, coarse = config.widths
        self.embed = nn.Sequential(nn.SiLU(), nn.Linear(config.embedding, config.embedding), nn.SiLU())
        self.conv_in = nn.Conv2d(config.in_channels, fine, 3, padding=1)
        self.place = nn.Linear(16, fine)
        self.fine_down = Block(fine, fine, config.embedding)
        self.fine_frames_down = CellAttention(fine, config.heads[0], config.reach)
        self.down = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.coarse_down = Block(coarse, coarse, config.embedding)
        self.mixers_down = nn.ModuleList(Mixer(config) for _ in range(2))
        self.hint_in = _nothing(nn.Conv2d(config.out_channels, fine, 3, padding=1))
        self.hint_noise = nn.Sequential(nn.Linear(_STEP_WAVES, config.embedding), nn.SiLU(), _nothing(nn.Linear(config.embedding, config.embedding)))
        self.scale = _nothing(nn.Linear(_FRAME_WAVES, config.embedding))
        self.fine_out = _nothing(nn.Conv2d(fine, fine, 1))
        self.coarse_out = _nothing(nn.Conv2d(coarse, coarse, 1))
        self.middle_out = _nothing(nn.Conv2d(coarse, coarse, 1))

    def tell_hint(self, hint_timestep: Tensor, scale: Tensor) -> Tensor:
        """`[B]` and `[B]` to what key frames are told, `[B, 1, embedding]`."""
        told = self.hint_noise(waves(hint_timestep, _STEP_WAVES, 1.0)) + self.scale(waves(scale.log2(), _FRAME_WAVES, 2.0))
        return told.unsqueeze(1)


class PlainEstimate(nn.Module):
    """v of what is known before the network says anything: at key frames the hint, between them what the noisy latents say.

    Latents are taken as normal with variance 1, and a hint as what is smooth of them: what it lacks is independent of it and has the
    variance `error` (its logarithm per channel, and how it grows with the logarithm of the scale). A noised hint says what the clean one
    is likely to be. Enhancement noises the enlarged frames, so at key frames the noisy latents hold nothing that the hint does not.
    """

    def __init__(self, channels: int, shift: float = 2.0, train_steps: int = 1000):
        super().__init__()
        self.shift, self.train_steps = shift, train_steps
        self.error = nn.Parameter(torch.full((channels,), -2.0))
        self.growth = nn.Parameter(torch.zeros(channels))

    def forward(self, noisy: Tensor, hint: Tensor, is_key: Tensor, timestep: Tensor, hint_timestep: Tensor, scale: Tensor) -> Tensor:
        """`noisy` and `hint` `[B, C, F, h, w]`, `is_key` `[F]`; the rest `[B]`."""
        alpha, sigma = self._levels(timestep)
        hint_alpha, hint_sigma = self._levels(hint_timestep)
        error = (self.error + self.growth * scale.log2().unsqueeze(1)).view(scale.shape[0], -1, 1, 1, 1).exp().clamp(max=0.95)
        spread = 1 / (1 / (1 - error) + hint_alpha.square() / hint_sigma.square())
        likely = spread * hint_alpha / hint_sigma.square() * hint
        is_key = is_key.view(1, 1, -1, 1, 1)
        clean = is_key * likely + (1 - is_key) * alpha * noisy
        return (alpha * noisy - clean) / sigma

    def _levels(self, timestep: Tensor) -> tuple[Tensor, Tensor]:
        """alpha and sigma of the schedule in `docs/model-packages.md`, `[B, 1, 1, 1, 1]`."""
        angle = torch.pi / 2 * (timestep.float() + 1) / self.train_steps
        cosine, sine = angle.cos(), self.shift * angle.sin()
        length = (cosine.square() + sine.square()).sqrt()
        return (cosine / length).view(-1, 1, 1, 1, 1), (sine / length).view(-1, 1, 1, 1, 1)


class Enhancer(nn.Module):
    """Noisy latents of enlarged frames, words and hints to a prediction (v)."""

    def __init__(self, config: DenoiserConfig = CONFIG):
        super().__init__()
        self.config = config
        self.unet = Denoiser(config)
        self.control = Control(config)
        self.estimate = PlainEstimate(config.out_channels)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        hint: Tensor,
        keys: Tensor,
        hint_timestep: Tensor,
        scale: Tensor,
        picture: Tensor,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """`sample` `[B, C, F, h, w]`, `timestep` `[B]`, `context` `[B, F or 1, T, D]` to `[B, C, F, h, w]`.

        `hint` `[B, C, K, h, w]`: latents of the plainly enlarged key frames, diffused to `hint_timestep` `[B]`. `keys` `[F]`: which
        hint a frame has, -1 for a frame without. `scale` `[B]`: by how much the frames were enlarged, 1..8. `picture` `[4]`: rows
        and columns of the whole picture in cells, then the row and column where these cells begin. Windows as for the denoiser.
        """
        batch, _, frames, _, _ = sample.shape
        times = torch.arange(frames if windows is None else windows.shape[1], device=sample.device)
        fusion = None if windows is None else Windows.of(windows, window_weights, frames)
        scope = Scope(frames, context, times, fusion, picture=picture)
        is_key = (keys >= 0).float()

        noise = self.unet.tell_noise(timestep, context, frames)
        told = self.control.tell_hint(hint_timestep, scale) * is_key.view(1, -1, 1)
        told = self.control.embed(noise + told.flatten(0, 1))
        x = _pictures(sample)
        shown = hint.index_select(2, keys.clamp(min=0))
        features = self.control.conv_in(x) + self.control.hint_in(_pictures(shown)) * is_key.repeat(batch).view(-1, 1, 1, 1)
        fine_found, coarse_found = encode(self.control, features, told, scope)

        embedding = self.unet.embed(noise)
        fine, coarse = encode(self.unet, self.unet.conv_in(x), embedding, scope)
        h = self.unet.ascend(
            fine + self.control.fine_out(fine_found),
            coarse + self.control.coarse_out(coarse_found),
            coarse + self.control.middle_out(coarse_found),
            embedding,
            scope,
        )
        rest = (h + self.unet.shortcut(x, embedding)).unflatten(0, (batch, frames)).transpose(1, 2)
        return rest + self.estimate(sample, shown, is_key, timestep, hint_timestep, scale)


def start_from(base: Denoiser) -> Enhancer:
    """An enhancer whose U-Net has the weights of the base and whose branch has those of its way down; its last layers start at nothing."""
    model = Enhancer(DenoiserConfig(**{**vars(base.config), "joint": False})).to(memory_format=torch.channels_last)
    weights = base.state_dict()
    model.unet.load_state_dict(weights)
    for layer in (model.unet.conv_out, model.unet.shortcut.gain):
        _nothing(layer)
    own = model.control.state_dict()
    model.control.load_state_dict({**own, **{name: value for name, value in weights.items() if name in own}})
    return model


def _pictures(latents: Tensor) -> Tensor:
    """`[B, C, F, h, w]` to `[B * F, C, h, w]`."""
    return latents.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)


def _nothing(layer: nn.Module) -> nn.Module:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
