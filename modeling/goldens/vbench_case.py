"""What the goldens of VBench's parts share: the package's modules, names that are exchanged in them, and numbers of one generator."""

import importlib
import pathlib
from contextlib import ExitStack
from unittest import mock

import numpy as np
import torch

EVAL = pathlib.Path(__file__).parents[2] / "eval"
REFERENCE = "Vchitect/VBench 45e79ec14e69a2187202c675d2dbce1a71843d53"
RNG = np.random.default_rng(20261122)


def module(name: str):  # noqa: ANN201
    return importlib.import_module(name)


def patched(target, **names):  # noqa: ANN001, ANN003, ANN201
    stack = ExitStack()
    for name, value in names.items():
        stack.enter_context(mock.patch.object(target, name, value))
    return stack


def features(count: int, width: int = 6) -> np.ndarray:
    """Vectors that resemble each other, with one that points away."""
    made = RNG.normal(size=width) + 0.8 * RNG.normal(size=(count, width))
    if count > 3:
        made[2] = -made[0]
    return made.round(4).astype(np.float32)


def row(values: np.ndarray) -> list:
    """Floats as they were written: four digits."""
    return [round(float(v), 4) for v in values]


def rows(values: np.ndarray) -> list:
    return [row(v) for v in values]


def results(made: list[dict]) -> list:
    return [float(each["video_results"]) for each in made]


def tensors(values: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(v).unsqueeze(0) for v in values]
