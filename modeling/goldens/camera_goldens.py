"""Goldens of VBench-I2V's camera motion: which motions the reference reads in tracked points. Writes `eval/i2v/goldens/camera.json`.

Usage: python modeling/goldens/camera_goldens.py PATH, where PATH is a checkout of Vchitect/VBench at COMMIT. The class is taken out of its
file by name and its tracker left out. Grids are of 10 x 10 points as in the reference; steps are drawn so that every pair of edges
stands still, agrees and disagrees often.
"""

import ast
import json
import sys
from math import ceil
from pathlib import Path

import numpy as np

COMMIT = "45e79ec14e69a2187202c675d2dbce1a71843d53"
TARGET = Path(__file__).resolve().parents[2] / "eval/i2v/goldens/camera.json"
SIDE, WIDTH, HEIGHT = 10, 426, 240
EDGES = {"top": (0, 5), "bottom": (9, 5), "left": (5, 0), "right": (5, 9)}


def reference(root: Path) -> object:
    """The reference's reader of tracks, without a tracker."""
    tree = ast.parse((root / "vbench2_beta_i2v/camera_motion.py").read_text())
    wanted = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name in ("transform", "transform_class", "CameraPredict")]
    names: dict = {"ceil": ceil, "np": np}
    exec(compile(ast.Module(wanted, []), "reference", "exec"), names)  # noqa: S102
    made = object.__new__(names["CameraPredict"])
    made.grid_size, made.number_points, made.scale = SIDE, 1, min(WIDTH, HEIGHT)
    return made


def main() -> None:
    reader, rng, cases = reference(Path(sys.argv[1])), np.random.default_rng(23), []
    steps = [-9, -1, 0, 0, 1, 9]
    for _ in range(600):
        start = rng.integers(0, 200, (SIDE, SIDE, 2))
        end, moved = start.copy(), {}
        for name, (row, column) in EDGES.items():
            moved[name] = [int(step) for step in rng.choice(steps, 2)]
            end[row, column] += moved[name]
        found = sorted(each for each in reader.camera_classify(start, end) if each != "None")
        cases.append({"moved": moved, "found": found})
    TARGET.write_text(json.dumps({"width": WIDTH, "height": HEIGHT, "cases": cases}) + "\n")
    print(len(cases), "cases,", sum(not case["found"] for case in cases), "of no motion")


if __name__ == "__main__":
    main()
