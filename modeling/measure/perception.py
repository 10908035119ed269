"""How often the models that look at clips are right: the figures that `shotline eval` asks for before it scores by them."""

import json
from types import SimpleNamespace

from torch import Tensor

from modeling.accuracy import detector_accuracy
from modeling.measure.clips import How
from modeling.measure.shipped import PACKAGES, Shipped
from modeling.train.detector import floats, load_pictures
from modeling.train.probe import accuracy, load_clips


def measure_probe(shipped: Shipped, count: int, how: How) -> dict:
    """Share of right words per kind on held-out clips."""
    clips, truth = load_clips(count, 42, held_out=True)
    return accuracy(SimpleNamespace(judge=lambda halves: shipped.run("probe/probe", frames=_doubled(halves))), clips, truth)


def measure_detector(shipped: Shipped, count: int, how: How) -> dict:
    """Share of right answers per head on held-out pictures."""
    frames, targets = load_pictures(count, 52, held_out=True)
    return detector_accuracy(lambda part: tuple(shipped.run("detector/detector", frames=_doubled(floats(part)))), frames, targets)


def write_accuracy(role: str, figures: dict) -> None:
    """State the figures in the manifest of a package."""
    path = PACKAGES / f"pocket-{role}" / "model.json"
    manifest = json.loads(path.read_text())
    manifest["accuracy"] = {head: round(share, 4) for head, share in figures.items()}
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _doubled(halves: Tensor) -> Tensor:
    """Frames at half size as the models take them: each pixel four times, of which they take the mean."""
    return halves.repeat_interleave(2, -1).repeat_interleave(2, -2)
