"""What is said when a file is no checkpoint of the family, or the package cannot be written."""

import errno
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class CheckpointError(Exception):
    """The message says what is wrong, the rule and the next step."""


def first_line(error: BaseException) -> str:
    """What an error of a library says, short enough to stand in a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def unwritten(out: Path, error: OSError) -> str:
    """The sentence when a package cannot be written."""
    if error.errno in _FULL:
        return f"{out}: the disk is full; nothing was left on it. A package takes about as much as its checkpoints: make room, or give another --out"
    return f"{out}: cannot be written ({error.strerror or first_line(error)}); give another --out, or correct the folder"
