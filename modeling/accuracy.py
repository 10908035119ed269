"""How often a perception model is right on pictures that training never saw: the figures that its manifest states."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Maps = tuple[Tensor, ...]

PRESENT = 0.5  #: an object is where its presence is at least this, and highest among the neighbours
SAME = 0.5  #: a box that overlaps the true one by this share of their union is right
APART = 0.3  #: of two boxes that overlap more, the less certain one is a double


def detections(maps: Maps, picture: int) -> list[tuple[int, int, Tensor]]:
    """Word, colour and box `[4]` of each object found in one picture, the most certain first."""
    presence, objects, colours, boxes = (part[picture] for part in maps[:4])
    certain = presence.sigmoid()
    peak = F.max_pool2d(certain[None, None], 3, 1, 1)[0, 0]
    cells = ((certain >= PRESENT) & (certain == peak)).nonzero().tolist()
    cells.sort(key=lambda cell: -certain[cell[0], cell[1]].item())
    found: list[tuple[int, int, Tensor]] = []
    for row, column in cells:
        box = boxes[:, row, column]
        if all(overlap(box, other) <= APART for _, _, other in found):
            found.append((objects[:, row, column].argmax().item(), colours[:, row, column].argmax().item(), box))
    return found


def overlap(one: Tensor, two: Tensor) -> float:
    """Intersection over union of two boxes."""
    sides = (torch.minimum(one[2:], two[2:]) - torch.maximum(one[:2], two[:2])).clamp(min=0)
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    shared = sides[0] * sides[1]
    return (shared / (area(one) + area(two) - shared)).item()


@torch.no_grad()
def detector_accuracy(judge: Callable[[Tensor], Maps], frames: Tensor, targets: Tensor) -> dict[str, float]:
    """Shares of right answers.

    `object`: pictures whose found words are exactly the true ones; `objects`: the same where there are two; `colour`: of the found true
    objects; `box`: of the true objects, those with a box of their word at the right place; `place`, `sky`: of the pictures;
    `subject`, `background`: pairs of pictures (same object in the same colour; same place and sky) that are more alike than pairs
    of which one differs in both words.
    """
    parts = [judge(frames[k : k + 64]) for k in range(0, len(frames), 64)]
    maps = tuple(torch.cat(part).float() for part in zip(*parts, strict=True))
    actors = targets[:, 2:].unflatten(1, (-1, 6))
    exact, exact_two, colours, boxes = [], [], [], []
    for n in range(len(frames)):
        found = detections(maps, n)
        true = [actor for actor in actors[n] if actor[0] >= 0]
        right = sorted(word for word, _, _ in found) == sorted(int(actor[0]) for actor in true)
        exact.append(right)
        if len(true) == 2:
            exact_two.append(right)
        for actor in true:
            same = [(colour, box) for word, colour, box in found if word == int(actor[0])]
            boxes.append(any(overlap(box, actor[2:]) >= SAME for _, box in same))
            if same:
                colours.append(same[0][0] == int(actor[1]))
    share = lambda answers: sum(answers) / max(1, len(answers))  # noqa: E731
    single = (actors[:, 0, 0] >= 0) & (actors[:, 1, 0] < 0)
    return {
        "object": share(exact),
        "objects": share(exact_two),
        "colour": share(colours),
        "box": share(boxes),
        "place": (maps[4].argmax(1) == targets[:, 0]).float().mean().item(),
        "sky": (maps[5].argmax(1) == targets[:, 1]).float().mean().item(),
        "subject": _told_apart(maps[6][single], actors[single, 0, :2]),
        "background": _told_apart(maps[7], targets[:, :2]),
    }


def _told_apart(features: Tensor, words: Tensor) -> float:
    """Of all (a, same words as a, both words others than a): how often the cosine ranks the first pair above the second."""
    unit = F.normalize(features, dim=1)
    alike = unit @ unit.T
    same = (words.unsqueeze(0) == words.unsqueeze(1)).all(2)
    other = (words.unsqueeze(0) != words.unsqueeze(1)).all(2)
    same.fill_diagonal_(False)
    won, counted = 0.0, 0
    for row, near, far in zip(alike, same, other, strict=True):
        if near.any() and far.any():
            won += (row[near].unsqueeze(1) > row[far].unsqueeze(0)).float().mean().item()
            counted += 1
    return won / max(1, counted)
