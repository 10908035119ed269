"""Pieces of known frames go where they are said to go, and every spot shows one that is there."""

import pytest
import torch
from torch import Tensor

from modeling.pocket import collage
from modeling.pocket.collage import DIRECTIONS, FINE, INK, PIECES, Collage
from modeling.tests.denoisers import randomise

HEIGHT, WIDTH = 4, 6
STILL, PAN_RIGHT, PAN_LEFT, RISE = 0, 2, 3, 4
MARKS = collage.CUT**2  #: of one piece


def ink() -> Tensor:
    """Of both ends of one frame, `[1, 2, INK, 4h, 4w]`."""
    torch.manual_seed(3)
    return torch.rand(1, 2, INK, HEIGHT * FINE, WIDTH * FINE)


def unsaid() -> Tensor:
    return torch.zeros(1, DIRECTIONS, HEIGHT, WIDTH)


def pieces(share: float, **said: float) -> Tensor:
    """`[2, PIECES, INK + 1, 4h, 4w]`, with every piece of the end before told to be seen so far `right` and `down`, in cells."""
    moves = unsaid()[:, : DIRECTIONS - (2 * PIECES + 1) * MARKS]
    half = moves.shape[1] // 2
    moves[:, 0:half:2], moves[:, 1:half:2] = said.get("right", 0) / collage._STRIDE, said.get("down", 0) / collage._STRIDE
    return collage.move(ink(), moves, torch.tensor([share]))[0]


def test_nothing_moves_at_a_known_frame() -> None:
    made, given = pieces(0.0), ink()[0]
    assert torch.allclose(made[:, :, :INK], given.unsqueeze(1).expand(-1, PIECES, -1, -1, -1), atol=1e-5)
    assert made[:, :, INK].min() > 1 - 1e-5


def test_a_piece_is_seen_as_far_to_the_right_and_below_as_is_said() -> None:
    made, given = pieces(0.0, right=2.0, down=-1.0), ink()[0]
    assert torch.allclose(made[0, STILL, :INK, FINE:, : -2 * FINE], given[0, :, :-FINE, 2 * FINE :], atol=1e-4)
    assert made[0, STILL, INK, :, -2 * FINE :].max() == 0
    assert torch.allclose(made[1, STILL, :INK], given[1], atol=1e-5), "the other end stays"


def test_pans_and_a_rise_are_laid_out_before_anything_is_learned() -> None:
    made, given = pieces(0.5), ink()[0]
    cells = (WIDTH + 0.85 * HEIGHT) / 2  # half of the way from picture to picture
    spots = cells * FINE
    whole, part = int(spots), spots - int(spots)
    seen = given[0, :, :, whole].lerp(given[0, :, :, whole + 1], part)
    assert torch.allclose(made[0, PAN_RIGHT, :INK, :, 0], seen, atol=1e-4)
    seen = given[1, :, :, -1 - whole].lerp(given[1, :, :, -2 - whole], part)
    assert torch.allclose(made[1, PAN_RIGHT, :INK, :, -1], seen, atol=1e-4)
    seen = given[0, :, :, -1 - whole].lerp(given[0, :, :, -2 - whole], part)
    assert torch.allclose(made[0, PAN_LEFT, :INK, :, -1], seen, atol=1e-4)
    assert made[:, RISE, INK].max() == 0, "half-way up both places are out of sight"
    assert torch.allclose(pieces(0.0)[0, RISE], pieces(1e-4)[0, RISE], atol=1e-2)


@pytest.mark.parametrize("end", [0, 1])
def test_an_untaught_frame_is_the_nearer_end_and_never_one_that_is_not_there(end: int) -> None:
    torch.manual_seed(4)
    marks, there = torch.randn(1, (2 * PIECES + 1) * MARKS, HEIGHT, WIDTH) * 9, torch.zeros(1, 2)
    there[0, end] = 1
    moved = collage.move(torch.stack([torch.ones(1, INK, HEIGHT * FINE, WIDTH * FINE) * k for k in (1, 2)], 1), unsaid()[:, :16], torch.zeros(1))
    seen, covered = collage.lay(moved, collage.choose(moved, marks, there, there))
    assert torch.allclose(seen, covered * (end + 1), atol=1e-4)
    seen, covered = collage.lay(moved, collage.choose(moved, marks * 0, torch.ones(1, 2), there))
    assert (seen / covered - (end + 1)).abs().max() < 0.5


def test_marks_choose_the_piece_that_is_seen() -> None:
    both = torch.stack([torch.ones(1, INK, HEIGHT * FINE, WIDTH * FINE) * k for k in (1, 2)], 1)
    moved, marks = collage.move(both, unsaid()[:, :16], torch.zeros(1)), torch.zeros(1, 2 * PIECES + 1, MARKS, HEIGHT, WIDTH)
    marks[:, 0, :, :, : WIDTH // 2], marks[:, PIECES, :, :, WIDTH // 2 :] = 5, 5  # left the end before, right the one after
    seen, covered = collage.lay(moved, collage.choose(moved, marks.flatten(1, 2), torch.ones(1, 2), torch.tensor([[1.0, 0.0]])))
    assert torch.allclose(seen[..., : 2 * FINE], torch.ones(1), atol=1e-3)
    assert torch.allclose(seen[..., -2 * FINE :], torch.tensor(2.0), atol=1e-3)
    assert covered.min() > 1 - 1e-3
    marks[:] = 0
    marks[:, -1] = 9  # nothing
    assert collage.choose(moved, marks.flatten(1, 2), torch.ones(1, 2), torch.tensor([[1.0, 0.0]]))[:, :-1].max() < 1e-3


def test_gathering_is_told_what_is_covered() -> None:
    made = randomise(Collage(4))
    empty, full = torch.zeros(1, 1, 4 * FINE, 4 * FINE), torch.ones(1, 1, 4 * FINE, 4 * FINE)
    with torch.no_grad():
        assert not torch.allclose(made.gather(torch.zeros(1, INK, 16, 16), empty), made.gather(torch.zeros(1, INK, 16, 16), full))


def test_two_wrong_pieces_do_not_make_a_right_one() -> None:
    given = ink()
    moved = collage.move(given, unsaid()[:, :16], torch.zeros(1))
    seen = torch.zeros(1, 2 * PIECES + 1, HEIGHT * FINE, WIDTH * FINE)
    seen[:, 0] = 1
    assert collage.misplaced(moved, seen, given[:, 0]).max() < 1e-5
    assert collage.misplaced(moved, seen, given[:, 0] + 0.5).max() < 1e-5, "another light"
    seen[:, 0] = seen[:, PIECES] = 0.5
    assert collage.misplaced(moved, seen, given.mean(1)).mean() > 0.1
