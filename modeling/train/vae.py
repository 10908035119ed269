"""Train the autoencoder: `python -m modeling.train.vae --steps 2000`.

Three of four steps look at windows around the object, where the detail is; the fourth at whole frames, so that borders are known.
"""

import argparse
import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from modeling.pocket.autoencoder import AutoencoderConfig, Decoder, Encoder
from modeling.train.optimizer import Optimizer
from modeling.train.run import CACHE, Run, Schedule, set_up, share
from modeling.world.clips import ClipMaker, to_bytes
from modeling.world.motion import pose
from modeling.world.render import Window
from modeling.world.sheet import save_sheet
from modeling.world.transition import render_transition

WINDOW = (96, 128)
WINDOWS_PER_STEP, FRAMES_PER_STEP = 30, 10
LATENT_NOISE, FINE_NOISE = 0.05, 0.02
FINAL = CACHE / "vae-final.pt"  #: averaged weights with the latents scaled


class Autoencoder(nn.Module):
    """Encoder and decoder under one roof."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        self.encoder, self.decoder = Encoder(config), Decoder(config)


class Frames:
    """A pool of rendered frames `[N, 3, 144, 256]` uint8, and where the object is in each."""

    def __init__(self, clips: int, seed: int, held_out: bool = False):
        maker, rng = ClipMaker(seed, held_out=held_out), random.Random(seed)
        frames, places = [], []
        for k in range(clips):
            scene, times = maker.draw(), torch.tensor([rng.random() for _ in range(6)])
            if k % 8 == 0:
                picture = render_transition(scene, maker.draw(), times, Window(144, 256))
            elif scene.motion == "pan":
                picture = maker.render(scene, 16)[torch.randint(0, 16, (6,))]
            else:
                picture = maker.render(scene, times)
            at = pose(scene, times)
            frames.append(to_bytes(picture))
            places.append(torch.stack([72 - 72 * at.y, 128 + 72 * at.x], dim=1))
        self.pixels, self.places = torch.cat(frames), torch.cat(places)

    def whole(self, count: int) -> Tensor:
        """`[count, 3, 144, 256]` in -1..1."""
        return _to_floats(self.pixels[torch.randint(0, len(self.pixels), (count,))])

    def windows(self, count: int) -> Tensor:
        """`[count, 3, *WINDOW]` in -1..1 around objects."""
        rows, columns = WINDOW
        picked = []
        for i in torch.randint(0, len(self.pixels), (count,)).tolist():
            y, x = (self.places[i] + torch.randn(2) * 20).tolist()
            top = min(max(round(y - rows / 2), 0), 144 - rows)
            left = min(max(round(x - columns / 2), 0), 256 - columns)
            picked.append(self.pixels[i, :, top : top + rows, left : left + columns])
        return _to_floats(torch.stack(picked))


def _to_floats(pixels: Tensor) -> Tensor:
    return (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def reconstruction_loss(made: Tensor, true: Tensor) -> Tensor:
    """Absolute and squared error, and absolute error of the differences between neighbours; all of -1..1 pictures."""
    edges = (made.diff(dim=-1) - true.diff(dim=-1)).abs().mean() + (made.diff(dim=-2) - true.diff(dim=-2)).abs().mean()
    return F.l1_loss(made, true) + 0.5 * edges + F.mse_loss(made, true)


def squared_loss(made: Tensor, true: Tensor) -> Tensor:
    """Squared error, and that of the differences between neighbours, in tenths of -20 dB; of -1..1 pictures."""
    edges = F.mse_loss(made.diff(dim=-1), true.diff(dim=-1)) + F.mse_loss(made.diff(dim=-2), true.diff(dim=-2))
    return 100 * (F.mse_loss(made, true) + 0.25 * edges)


def psnr(made: Tensor, true: Tensor) -> float:
    """In dB, of pictures in -1..1."""
    return -10 * math.log10(F.mse_loss(made.clamp(-1, 1), true).item() / 4)


def measure(model: Autoencoder, frames: Tensor) -> tuple[float, Tensor]:
    """PSNR of `[N, 3, H, W]` in -1..1, and what came out."""
    model.eval()
    made = torch.cat([model.decoder(model.encoder(part)) for part in frames.split(16)])
    model.train()
    return psnr(made, frames), made


@torch.no_grad()
def fix_latent_scale(model: Autoencoder, frames: Frames) -> None:
    """Give the latents mean 0 and deviation 1 per channel; what the decoder sees stays the same."""
    latents = torch.cat([model.encoder.net(frames.whole(16)) for _ in range(40)])
    mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    for part in (model.encoder, model.decoder):
        part.mean.copy_(mean)
        part.deviation.copy_(deviation)


def train_both(options: argparse.Namespace, pool: Frames, unseen: Tensor) -> Autoencoder:
    """Train encoder and decoder together, then give the latents their scale."""
    model = Autoencoder(AutoencoderConfig()).to(memory_format=torch.channels_last)
    optimizer = Optimizer(model, muon_lr=0.01, adam_lr=1.5e-3, average=0.998, plain=("net.1.weight", "decoder.net.0.weight"))
    run = Run("vae", model, optimizer)
    run.resume()

    def loss() -> Tensor:
        true = draw(pool, run.step)
        latents = model.encoder(true)
        made = model.decoder(latents + LATENT_NOISE * torch.randn_like(latents))
        return reconstruction_loss(made, true) + 2e-4 * latents.square().mean()

    run.train(Schedule(options.steps), loss, options.every, lambda: report(run, model, unseen))
    optimizer.use_average()
    fix_latent_scale(model, pool)
    return model


def train_decoder(options: argparse.Namespace, pool: Frames, unseen: Tensor) -> Autoencoder:
    """Go on with the decoder alone: latents stay what they are, so denoisers trained on them stay good.

    Squared errors alone, and less noise in the latents: what is left to gain is fidelity.
    """
    model = Autoencoder(AutoencoderConfig()).to(memory_format=torch.channels_last)
    model.load_state_dict(torch.load(FINAL, weights_only=True))
    optimizer = Optimizer(model.decoder, muon_lr=0.006, adam_lr=1e-3, average=0.998, plain=("decoder.net.0.weight",))
    run = Run("vae-decoder", model.decoder, optimizer)
    run.resume()

    def loss() -> Tensor:
        true = draw(pool, run.step)
        with torch.no_grad():
            latents = model.encoder(true)
        return squared_loss(model.decoder(latents + FINE_NOISE * torch.randn_like(latents)), true)

    run.train(Schedule(options.steps, hold=0.3), loss, options.every, lambda: report(run, model, unseen))
    optimizer.use_average()
    return model


def draw(pool: Frames, step: int) -> Tensor:
    """The frames of a step."""
    return pool.whole(share(FRAMES_PER_STEP)) if step % 4 == 3 else pool.windows(share(WINDOWS_PER_STEP))


def report(run: Run, model: Autoencoder, unseen: Tensor) -> None:
    """Measure on unseen frames and save a sheet of them."""
    decibel, made = measure(model, unseen)
    run.log[-1]["unseen_psnr"] = decibel
    print(f"\nstep {run.step} loss {run.log[-1]['loss']:.4f} unseen {decibel:.2f} dB", flush=True)
    pairs = [torch.stack([unseen[i], made[i]]) / 2 + 0.5 for i in range(0, 96, 8)]
    save_sheet(CACHE / "vae-sheet.png", pairs, ["true, made"] * len(pairs), frames=2, scale=1, columns=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1050)
    parser.add_argument("--clips", type=int, default=1100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--decoder-only", action="store_true", help="go on from a finished run with the encoder frozen")
    options = parser.parse_args()
    set_up(options.seed)
    pool = Frames(options.clips, seed=21 if options.decoder_only else 11)
    unseen = _to_floats(Frames(32, seed=12, held_out=True).pixels[:96])
    model = (train_decoder if options.decoder_only else train_both)(options, pool, unseen)
    torch.save(model.state_dict(), FINAL)


if __name__ == "__main__":
    main()
