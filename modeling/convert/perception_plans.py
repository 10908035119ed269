"""The graphs of models that look at frames: what they are traced with, and what they are proven with."""

import torch
from torch import Tensor, nn

from modeling.convert.graph import GraphPlan
from modeling.published.clip_image import ClipAesthetic, ClipImage
from modeling.published.clip_text import ClipTextConfig
from modeling.published.clip_words import ClipWords
from modeling.published.dino import Dino
from modeling.published.musiq import Musiq
from modeling.published.owlv2 import Owlv2
from modeling.published.raft import Raft

_CELL = 8  #: pixels of a cell of RAFT
_ANY_SIZE = {0: "N", 2: "h", 3: "w"}


def _frames(seed: int, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def features(module: Dino) -> list[GraphPlan]:
    """DINO: proven on the square of training, whose positions are those learnt, and by its exports on wide frames."""
    side = module.config.side
    inputs, others = {"frames": _frames(0, 2, 3, side + 3, side * 2)}, {"frames": _frames(1, 3, 3, side, side * 16 // 9)}
    return [GraphPlan("features", module, inputs, others, {"frames": _ANY_SIZE}, ("features", ("N", module.config.width)))]


def square_features(module: ClipImage) -> list[GraphPlan]:
    """CLIP ViT-B/32: frames come cut to squares."""
    return _squares("image", module, ("features", ("N", module.config.features)))


def words(module: ClipWords) -> list[GraphPlan]:
    """CLIP ViT-B/32: sentences of any length, proven on some that end at different places."""
    return [_words(module, module.config, module.config.features)]


def _words(module: nn.Module, config: ClipTextConfig, features: int) -> GraphPlan:
    last = config.vocabulary - 1
    ids = torch.randint(1, last, (3, 16), generator=torch.Generator().manual_seed(4))
    ids[0, 11], ids[1, 15], ids[2, 3] = last, last, last
    ids[0, 12:], ids[2, 4:] = 0, 0
    axes = {"input_ids": {0: "B", 1: "T"}}
    return GraphPlan("words", module, {"input_ids": ids[:2, :9]}, {"input_ids": ids}, axes, ("features", ("B", features)))


def aesthetic(module: ClipAesthetic) -> list[GraphPlan]:
    """CLIP ViT-L/14 with LAION's head."""
    return _squares("aesthetic", module, ("scores", ("N",)))


def _squares(name: str, module: ClipImage, output: tuple[str, tuple[int | str, ...]]) -> list[GraphPlan]:
    inputs, others = ({"frames": _frames(n, n, 3, module.config.side, module.config.side)} for n in (2, 3))
    return [GraphPlan(name, module, inputs, others, {"frames": {0: "N"}}, output)]


def imaging(module: Musiq) -> list[GraphPlan]:
    """MUSIQ: three sizes of the same frames, each in whole patches."""
    side = module.config.patch
    axes = {
        "frames": _ANY_SIZE,
        "small": {0: "N", 2: "small h", 3: "small w"},
        "large": {0: "N", 2: "large h", 3: "large w"},
    }
    multiples = {label: side for axis in axes.values() for label in axis.values() if label != "N"}

    def sizes(count: int, *patches: tuple[int, int]) -> dict[str, Tensor]:
        return {name: _frames(k, count, 3, r * side, c * side) for k, (name, (r, c)) in enumerate(zip(axes, patches, strict=True))}

    inputs, others = sizes(2, (5, 6), (2, 3), (3, 4)), sizes(3, (9, 16), (4, 7), (7, 12))
    return [GraphPlan("imaging", module, inputs, others, axes, ("scores", ("N",)), multiples)]


class _Find(nn.Module):
    def __init__(self, owl: Owlv2):
        super().__init__()
        self.owl = owl

    def forward(self, frames: Tensor, words: Tensor) -> Tensor:
        return self.owl.find(frames, words)


class _Read(nn.Module):
    def __init__(self, owl: Owlv2):
        super().__init__()
        self.owl = owl

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.owl.read(input_ids)


def finder(module: Owlv2) -> list[GraphPlan]:
    """OWLv2: words are read once, and found in as many frames as there are."""
    side, width = module.config.vision.side, module.config.text.width

    def inputs(frames: int, queries: int) -> dict[str, Tensor]:
        return {"frames": _frames(frames, frames, 3, side, side), "words": _frames(9, queries, width)}

    axes = {"frames": {0: "N"}, "words": {0: "Q"}}
    found = GraphPlan("finder", _Find(module), inputs(2, 3), inputs(3, 5), axes, ("found", ("N", module.config.cells**2, "4 + Q")))
    return [found, _words(_Read(module), module.config.text, width)]


def flow(module: Raft) -> list[GraphPlan]:
    """RAFT: the table of likenesses is halved three times, and its last level must be more than one cell."""
    axes = {name: _ANY_SIZE for name in ("before", "after")}

    def pair(count: int, rows: int, columns: int) -> dict[str, Tensor]:
        whole = _frames(rows, count, 3, rows * _CELL + 4, columns * _CELL + 4)
        return {"before": whole[..., 2:-2, 2:-2].contiguous(), "after": whole[..., 1:-3, 4:].contiguous()}

    output = ("flow", ("N", 2, "h", "w"))
    return [GraphPlan("flow", module, pair(2, 18, 21), pair(3, 16, 24), axes, output, {"h": _CELL, "w": _CELL})]
