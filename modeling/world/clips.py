"""Clips in number: scenes drawn, rendered and captioned, with the few backgrounds of the world kept at hand."""

import random

import torch
from torch import Tensor

from modeling.world.motion import pose
from modeling.world.render import Window, clip_times, render, render_background
from modeling.world.scene import Scene, sample_scene


class ClipMaker:
    """Draws scenes by seed and renders them; as fast as the object alone once every background has been seen."""

    def __init__(self, seed: int, height: int = 144, width: int = 256, held_out: bool | None = False):
        self._rng = random.Random(seed)
        self._window = Window(height, width)
        self._held_out = held_out
        self._backgrounds: dict[tuple, Tensor] = {}

    def reseed(self, seed: int) -> None:
        """Start another sequence of scenes; the backgrounds stay at hand."""
        self._rng = random.Random(seed)

    def draw(self) -> Scene:
        """The next scene."""
        return sample_scene(self._rng, self._held_out)

    def render(self, scene: Scene, times: Tensor | int = 16) -> Tensor:
        """Frames `[F, 3, h, w]`, 0..1, at `times` `[F]`, or at that many even times."""
        times = clip_times(times) if isinstance(times, int) else times
        return render(scene, times, self._window, self.background(scene, times))

    def background(self, scene: Scene, times: Tensor) -> Tensor:
        """The scene without its object at `times` `[F]`, `[F or 1, 3, h, w]`."""
        camera = pose(scene, times).camera
        moves = bool((camera != camera[0]).any())
        key = (scene.place, scene.sky, scene.layout, tuple(camera.tolist()) if moves else camera[0].item())
        if key not in self._backgrounds:
            background = render_background(scene, camera, self._window)
            if moves and len(camera) != 16:
                return background
            self._backgrounds[key] = background
        return self._backgrounds[key]


def to_bytes(frames: Tensor) -> Tensor:
    """0..1 floats to uint8."""
    return (frames * 255).round().clamp(0, 255).to(torch.uint8)
