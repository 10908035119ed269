"""What stands in for the models that vbench's functions are welded to: modules that import, videos and networks that say
what they are told. The functions under test are the package's own."""

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from unittest import mock

import torch

#: Top-level names and submodules that are never needed for a formula: networks, decoders, downloads.
ABSENT = (
    "clip", "cotracker", "decord", "detectron2", "diffusers", "dreamsim", "imageio", "lavis", "moviepy", "pyiqa", "retinaface",
    "scenedetect", "timm", "vbench.third_party.ViCLIP", "vbench.third_party.grit_model", "vbench.third_party.tag2Text",
    "vbench.third_party.umt", "vbench.third_party.amt.utils.build_utils", "vbench2_beta_i2v.third_party",
    "vbench2_beta_trustworthiness.third_party", "torchvision.io",
)  # fmt: skip


class _Stub(ModuleType):
    """A module in which every name exists."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):  # noqa: ANN001, ANN201
        absent = any(name == each or name.startswith(each + ".") for each in ABSENT)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if absent else None

    def create_module(self, spec):  # noqa: ANN001, ANN201
        return _Stub(spec.name)

    def exec_module(self, module):  # noqa: ANN001, ANN201
        pass


def install(checkout: str) -> None:
    """Makes `vbench` and its betas importable without their models."""
    sys.meta_path.insert(0, _Finder())
    sys.path[:0] = [checkout, checkout + "/scripts"]


class Told:
    """A callable that returns the given answers one after another, whatever it is asked."""

    def __init__(self, answers):  # noqa: ANN001
        self._answers = iter(answers)

    def __call__(self, *args, **kwargs):  # noqa: ANN002, ANN003, ANN204
        return next(self._answers)

    def eval(self) -> "Told":
        return self

    def to(self, *args, **kwargs) -> "Told":  # noqa: ANN002, ANN003
        return self

    def load_state_dict(self, *args, **kwargs) -> None:  # noqa: ANN002, ANN003
        pass


def blank(frames: int, height: int = 4, width: int = 4) -> torch.Tensor:
    """A video of which only the length matters."""
    return torch.zeros(frames, 3, height, width)


def same(*args, **kwargs):  # noqa: ANN002, ANN003, ANN201
    """A maker of transforms that do nothing."""
    return lambda images: images


class Film:
    """`cv2.VideoCapture` of given frames."""

    films: dict[str, tuple[list, float]] = {}

    def __init__(self, path: str):
        frames, self._fps = Film.films[path]
        self._left = list(frames)

    def get(self, _property: int) -> float:
        return self._fps

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def read(self) -> tuple[bool, object]:
        return (True, self._left.pop(0)) if self._left else (False, None)

    def release(self) -> None:
        pass
