"""Rebuild the pocket set from nothing: `python -m modeling.remake`; `--tiny` runs every part for a few steps, for tests.

Stages that are done are not done again: a stopped remake goes on where it was.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from modeling.export.package import MODELS

#: Step budgets of the shipped set and of a tiny run: module, arguments, steps or counts.
STAGES: tuple[tuple[str, tuple[str, ...], str, int, int], ...] = (
    ("modeling.train.vae", ("--clips", "{clips}"), "--steps", 1050, 2),
    ("modeling.train.latents", ("--kind", "clips"), "--count", 1600, 12),
    ("modeling.train.latents", ("--kind", "stills"), "--count", 1600, 8),
    ("modeling.train.base", ("--stage", "images", "--prompts", "{prompts}"), "--steps", 620, 2),
    ("modeling.train.base", ("--stage", "short", "--prompts", "{prompts}"), "--steps", 680, 2),
    ("modeling.train.base", ("--stage", "full", "--prompts", "{prompts}"), "--steps", 2300, 2),
    ("modeling.train.base", ("--stage", "finish", "--prompts", "{prompts}"), "--steps", 420, 2),
    ("modeling.train.latents", ("--kind", "pieces"), "--count", 480, 20),
    ("modeling.train.latents", ("--kind", "joins"), "--count", 3200, 12),
    ("modeling.train.ink", (), "--steps", 1300, 2),
    ("modeling.train.sheets", (), "--frames", 4, 3),
    ("modeling.train.theatre", ("--part", "cutter"), "--steps", 400, 2),
    ("modeling.train.theatre", ("--part", "director"), "--steps", 900, 2),
    ("modeling.train.transition", (), "--steps", 2000, 2),
    ("modeling.train.interp", (), "--steps", 480, 2),
    ("modeling.train.latte", ("--stage", "images", "--prompts", "{prompts}"), "--steps", 300, 2),
    ("modeling.train.latte", ("--stage", "clips", "--prompts", "{prompts}"), "--steps", 925, 2),
    ("modeling.train.portraits", (), "--count", 600, 20),
    ("modeling.train.subject", (), "--steps", 475, 2),
    ("modeling.train.enlarged", (), "--count", 780, 20),
    ("modeling.train.enhance", ("--judged", "{judged}"), "--steps", 5000, 2),
    ("modeling.train.vae", ("--decoder-only", "--clips", "{clips}"), "--steps", 900, 2),
    ("modeling.train.upscale", ("--frames", "{frames}"), "--steps", 3050, 2),
    ("modeling.train.probe", ("--clips", "{probed}", "--unseen", "{unseen}", "--decoded"), "--steps", 1400, 2),
    ("modeling.train.detector", ("--pictures", "{pictures}", "--unseen", "{unseen_pictures}"), "--steps", 500, 2),
    ("modeling.export.pocket", ("--into", "{into}"), "", 0, 0),
)

#: How much data the shipped set was made from, and a tiny run's.
FULL_SIZES = {"clips": 1100, "prompts": 12, "frames": 300, "probed": 1600, "unseen": 256, "pictures": 4000, "unseen_pictures": 512, "judged": 24}
TINY_SIZES = {"clips": 24, "prompts": 2, "frames": 4, "probed": 24, "unseen": 16, "pictures": 64, "unseen_pictures": 32, "judged": 2}


def commands(tiny: bool, into: Path) -> list[list[str]]:
    """The command line of every stage, in order."""
    lines = []
    for module, arguments, budget, full, few in STAGES:
        filled = [a.format(into=into, **(TINY_SIZES if tiny else FULL_SIZES)) for a in arguments]
        lines.append([sys.executable, "-m", module, *filled, *([budget, str(few if tiny else full)] if budget else [])])
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--into", type=Path, default=MODELS, help="folder with packages/ and sets/")
    options = parser.parse_args()
    for line in commands(options.tiny, options.into):
        print("$", " ".join(line[1:]), flush=True)
        subprocess.run(line, check=True)


if __name__ == "__main__":
    main()
