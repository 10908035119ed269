"""Goldens of the window weights that diffusers' FreeNoise has: `python modeling/goldens/free_noise_goldens.py`.

Runs `FreeNoiseTransformerBlock._get_frame_weights` of the pinned diffusers for several lengths. Writes `diffusion/goldens/window-weights.json`.
"""

import json
from pathlib import Path

from diffusers.models.attention import FreeNoiseTransformerBlock

TARGET = Path(__file__).resolve().parents[2] / "diffusion/goldens/window-weights.json"
SCHEMES = {"flat": "flat", "pyramid": "pyramid", "sawtooth": "delayed_reverse_sawtooth"}


def main() -> None:
    weights = FreeNoiseTransformerBlock._get_frame_weights
    cases = [{"weighting": ours, "weights": weights(None, n, theirs)} for ours, theirs in SCHEMES.items() for n in (2, 3, 7, 8, 15, 16, 21)]
    for case in cases:
        odd = case["weighting"] == "sawtooth" and len(case["weights"]) % 2 == 0 and case["weights"].count(0.01) == len(case["weights"]) // 2
        case["weights"] = case["weights"][1:] if odd else case["weights"]  # of an odd length the reference gives one weight too many
    TARGET.write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
