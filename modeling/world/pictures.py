"""Pictures of subjects for the examples: `python -m modeling.world.pictures`. Writes `examples/pictures/hero.png`."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from modeling.world.looks import Look
from modeling.world.portrait import render_portrait
from modeling.world.scene import Scene

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "pictures"
HEROES = {"hero": Scene("boat", "red", "medium", "sea", "day", "still", "middle", look=Look("yellow", "stripes", "navy", pennant=True))}
WALL = (0.87, 0.91, 0.94)  #: the plain background that the pipeline takes away


def before_wall(scene: Scene, size: int = 512) -> Tensor:
    """A portrait before a plain wall, `[3, size, size]`."""
    white, black = (render_portrait(scene, size, background=shade) for shade in (1.0, 0.0))
    hidden = 1 - (white - black).mean(0, keepdim=True).clamp(0, 1)
    return black + (1 - hidden) * torch.tensor(WALL).view(3, 1, 1)


def main() -> None:
    for name, scene in HEROES.items():
        pixels = (before_wall(scene).clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        Image.fromarray(pixels.numpy()).save(FOLDER / f"{name}.png", optimize=True)
        print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
