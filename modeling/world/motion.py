"""Where the object and the camera are at a time."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from modeling.world.scene import Scene

HORIZON = -0.16
SIZES = {"small": 0.36, "medium": 0.50, "big": 0.66}  #: half the height of an object; the picture is 2 high
PLACES_X = {"left": -0.82, "middle": 0.0, "right": 0.82}
PAN_REACH = 0.70  #: the camera goes from minus to plus this, in picture heights / 2

#: The lowest point of each object in its own unit: it stands on the ground with it.
FEET = {
    "ball": -0.80,
    "boat": -0.50,
    "car": -0.62,
    "house": -0.76,
    "tree": -0.86,
    "balloon": -0.78,
    "rocket": -0.98,
    "duck": -0.62,
    "windmill": -0.92,
    "robot": -0.95,
}


@dataclass(frozen=True)
class Pose:
    """The object at F times; every field is `[F]`."""

    x: Tensor
    y: Tensor
    size: Tensor
    ground: Tensor  #: where its shadow lies
    camera: Tensor  #: sideways place of the camera
    facing: float  #: -1 looks left, 1 looks right
    time: Tensor


def pose(scene: Scene, time: Tensor) -> Pose:
    """The pose at `time` `[F]`, 0..1 over a clip. Distances are in half picture heights, y up, (0, 0) the middle."""
    base = SIZES[scene.size]
    size = torch.full_like(time, base)
    stand = torch.full_like(time, -0.56 - 0.06 * (base - 0.5) / 0.16)
    x = torch.full_like(time, PLACES_X[scene.position] + 0.07 * scene.jitter)
    camera = torch.zeros_like(time)
    foot = -FEET[scene.object]
    lift = torch.zeros_like(time)

    if scene.crosses:
        x = (2 * time - 1) * (1.12 if scene.motion == "right" else -1.12) + 0.05 * scene.jitter
    elif scene.motion == "closer":
        size = base * (0.55 + 0.85 * time)
        stand = -0.36 - 0.36 * time
    elif scene.motion == "bounce":
        lift = 0.62 * torch.sin(2 * math.pi * time).abs()
    elif scene.motion == "pan":
        camera = (2 * time - 1) * PAN_REACH
        x = x * 0.45

    ground_y = stand + foot * size
    if scene.motion in ("rise", "fall"):
        top, way = 0.56, time if scene.motion == "rise" else 1 - time
        lift = way * way * (3 - 2 * way) * (top - ground_y)
    elif scene.object == "balloon":
        lift = 0.34 - ground_y + 0.02 * torch.sin(2 * math.pi * time)
    elif scene.place == "sea":
        lift = lift + 0.015 * torch.sin(4 * math.pi * time)
    return Pose(x - camera, ground_y + lift, size, stand, camera, -1.0 if scene.motion == "left" else 1.0, time)
