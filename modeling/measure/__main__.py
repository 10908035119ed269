"""Measure the shipped packages on scenes that training never saw: `python -m modeling.measure [vae base interp transition joins ...]`.

Everything runs through onnxruntime, as in Shotline. Figures are printed as one line per model; sheets go to the cache. `--write` states
the accuracy of probe and detector in their manifests, where `shotline eval` looks for it.
"""

import argparse
import json
from pathlib import Path

from modeling.measure.clips import How, measure_base, measure_interp, measure_transition
from modeling.measure.joins import measure_joins
from modeling.measure.perception import measure_detector, measure_probe, write_accuracy
from modeling.measure.pictures import measure_upscale, measure_vae
from modeling.measure.shipped import PACKAGES, Shipped

#: The measure of a model, and how many scenes it takes if nothing else is said.
MEASURES = {
    "vae": (measure_vae, 64),
    "base": (measure_base, 128),
    "interp": (measure_interp, 24),
    "transition": (measure_transition, 16),
    "joins": (measure_joins, 48),
    "upscale": (measure_upscale, 12),
    "probe": (measure_probe, 256),
    "detector": (measure_detector, 512),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roles", nargs="*", choices=[*MEASURES, []])
    parser.add_argument("--count", type=int, help="scenes per model")
    parser.add_argument("--seeds", type=int, default=1, help="clips per prompt of the base")
    parser.add_argument("--kind", help="solver, in place of the manifest's")
    parser.add_argument("--steps", type=int, help="steps, in place of the manifest's")
    parser.add_argument("--guidance", type=float, help="guidance, in place of the manifest's")
    parser.add_argument("--write", action="store_true", help="state the accuracy of probe and detector in their manifests")
    parser.add_argument("--packages", type=Path, default=PACKAGES, help="folder of other packages, to compare")
    options = parser.parse_args()
    shipped, how = Shipped(options.packages), How(options.seeds, options.kind, options.steps, options.guidance)
    for role in options.roles or MEASURES:
        measure, count = MEASURES[role]
        figures = measure(shipped, options.count or count, how)
        print(role, json.dumps(figures), flush=True)
        if options.write and role in ("probe", "detector"):
            write_accuracy(role, figures)


if __name__ == "__main__":
    main()
