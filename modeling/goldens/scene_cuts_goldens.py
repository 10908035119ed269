"""Goldens of scene cuts by PySceneDetect itself: `python modeling/goldens/scene_cuts_goldens.py`; writes `eval/long/goldens/scene-cuts.json`.

Needs `pip install scenedetect==0.7.2 opencv-python-headless`. Frames are a formula of place, scene and frame, which the test knows too; scenes
last from 1 to 60 frames, so that short ones are merged.
"""

import json
import random
from pathlib import Path

import numpy as np
from scenedetect import FrameTimecode
from scenedetect.detectors import ContentDetector

TARGET = Path(__file__).resolve().parents[2] / "eval/long/goldens/scene-cuts.json"
WIDTH, HEIGHT = 23, 14


def frame(scene: int, index: int) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    r = (x * scene * 3 + y * 5 + index * 2 + scene * 91) % 256
    g = (x * 7 + y * scene + scene * 37) % 256
    b = (x * y + scene * 53 + index) % 256
    return np.stack([b, g, r], -1).astype(np.uint8)


def case(name: str, lengths: list[int], threshold: float, shortest: int) -> dict:
    scenes = [scene for scene, length in enumerate(lengths) for _ in range(length)]
    detector = ContentDetector(threshold=threshold, min_scene_len=shortest)
    found, scores = [], []
    for index, scene in enumerate(scenes):
        found += [int(cut.frame_num) for cut in detector.process_frame(FrameTimecode(index, 24.0), frame(scene, index))]
        scores.append(round(float(detector._frame_score), 9))
    return {"name": name, "scenes": scenes, "threshold": threshold, "minLength": shortest, "cuts": found, "scores": scores}


def main() -> None:
    rng = random.Random(23)
    cases = [
        case("long scenes", [rng.randint(16, 40) for _ in range(8)], 27.0, 15),
        case("short ones among them", [rng.choice((1, 2, 3, 9, 20, 45)) for _ in range(24)], 27.0, 15),
        case("shorter still", [rng.randint(1, 12) for _ in range(30)] + [40], 30.0, 8),
        case("one scene", [60], 27.0, 15),
    ]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps({"width": WIDTH, "height": HEIGHT, "cases": cases}) + "\n")
    print([(each["name"], each["cuts"]) for each in cases])


if __name__ == "__main__":
    main()
