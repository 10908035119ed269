"""The denoiser of VideoBooth: the interpolation U-Net of LaVie at four channels, a picture of the subject, and a branch against watermarks.

Source: VideoBooth (Jiang et al. 2023, arXiv 2312.00777, section 3; reference Vchitect/VideoBooth@d10e06f, `models/unet.py` and
`sample_scripts/sample.py`).

Where we differ: the exemplar goes through the network once, ahead of the clip, instead of block by block beside it; keys and values that
the reference replaces when it has loaded both checkpoints are replaced while loading (`merge`), so the module holds what is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from modeling.published.transformer import Layout
from modeling.published.video_unet import VideoUnet, VideoUnetConfig, down_stages, up_stages

_REPLACED = {"attn1_to_k_new": "to_k", "attn1_to_v_new": "to_v", "attn2_to_k": "to_k", "attn2_to_v": "to_v"}
_ADDED = {"attn1_to_k_exemplar": "to_k_exemplar", "attn1_to_v_exemplar": "to_v_exemplar"}


@dataclass(frozen=True)
class SubjectUnetConfig(VideoUnetConfig):
    """As published; `watermark_widths` are those of the second, small U-Net in front of the way out, `exemplar` cells to a side of the picture."""

    layout: Layout = Layout(sparse_causal=True, exemplar=True, frames_last=True, positions=False)
    watermark_widths: tuple[int, ...] = (320, 640, 640)
    exemplar: int = 32


class SubjectUnet(VideoUnet):
    """Noisy latents, words and the latents of a subject to a prediction (epsilon)."""

    def __init__(self, config: SubjectUnetConfig):
        super().__init__(config)
        plain = replace(config, widths=config.watermark_widths, attention=(False,) * len(config.watermark_widths))
        self.watermark_down_blocks = down_stages(plain)
        self.watermark_up_blocks = up_stages(plain)
        self.watermark_zero_out = nn.Conv2d(config.widths[0], config.widths[0], 1)

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        context: Tensor,
        exemplar: Tensor,
        exemplar_context: Tensor,
        has_exemplar: Tensor,
        freeu: Tensor | None = None,
        windows: Tensor | None = None,
        window_weights: Tensor | None = None,
    ) -> Tensor:
        """As `VideoUnet.forward`; `exemplar` `[B, 4, F, h, w]`: latents of the subject in every frame, noised to `timestep`.

        `[B, 4, h', w']` is a subject that is the same in all frames: one frame of it goes through the network, for frames that are alike
        see in each other what they see in themselves.

        `exemplar_context` `[B, 1, T, D]`: the words of the exemplar (those of the negative prompt); `has_exemplar` `[B]`: 1 or 0, and 0
        gives the prediction without the subject that guidance needs.
        """
        embedding = self.embed(timestep)
        still = exemplar.dim() == 4
        exemplar, shown = (exemplar.unsqueeze(2), (None, None)) if still else (exemplar, (windows, window_weights))
        aside = replace(self.scope(exemplar, embedding, exemplar_context, *shown), seen=[])
        self.down_and_up(self.start(exemplar), aside, None)
        counts = has_exemplar[:, None, None]
        scope = self.scope(sample, embedding, context, windows, window_weights)
        x = self.down_and_up(self.start(sample), replace(scope, exemplars=iter(aside.seen), has_exemplar=counts), freeu)
        h, skips = self.go_down(self.watermark_down_blocks, x, scope)
        h = self.go_up(self.watermark_up_blocks, h, skips, scope, None)
        return self.finish(x + self.watermark_zero_out(h), scope)


class Mapper(nn.Module):
    """Five states of the image encoder to five token embeddings that stand for the subject's word."""

    def __init__(self, width_in: int = 1024, width: int = 768, hidden: int = 1024):
        super().__init__()
        for k in range(5):
            self.add_module(f"mapping_{k}", _perceptron(width_in, hidden, width))
            self.add_module(f"mapping_patch_{k}", _perceptron(width_in, hidden, width))

    def forward(self, states: list[Tensor]) -> Tensor:
        """Five tensors `[B, 1 + patches, width_in]`, the class token first, to `[B, 5, width]`."""
        return torch.stack([self._token(k, state) for k, state in enumerate(states)], dim=1)

    def _token(self, k: int, state: Tensor) -> Tensor:
        whole, patches = self.get_submodule(f"mapping_{k}"), self.get_submodule(f"mapping_patch_{k}")
        return whole(state[:, 0]) + patches(state[:, 1:]).mean(dim=1)


def _perceptron(width_in: int, hidden: int, width: int) -> nn.Sequential:
    layers = [nn.Linear(width_in, hidden), nn.LayerNorm(hidden), nn.LeakyReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden, hidden), nn.LayerNorm(hidden), nn.LeakyReLU(), nn.Linear(hidden, width))


def merge(unet: Mapping[str, Tensor], mapper: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The two published state dicts as those of `SubjectUnet` and `Mapper`.

    The second checkpoint names an attention layer with underscores for dots, and holds what takes the place of the first one's keys and
    values (`_new` in self-attention, plain names in cross-attention) and the exemplar's.
    """
    made, words = dict(unet), {key: tensor for key, tensor in mapper.items() if key.startswith("mapping_")}
    layers = {key.removesuffix(".to_q.weight") for key in unet if key.endswith((".attn1.to_q.weight", ".attn2.to_q.weight"))}
    for layer in layers:
        for suffix, name in {**_REPLACED, **_ADDED}.items():
            parent, kind = layer.rsplit(".", 1)
            key = f"{parent.replace('.', '_')}_{suffix}.weight"
            if suffix.startswith(kind) and key in mapper:
                made[f"{layer}.{name}.weight"] = mapper[key]
    return made, words
