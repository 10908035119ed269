"""Write `modeling/tests/goldens/`: what the reference modules make of the cases, at small width with weights that follow from their keys.

python -m modeling.goldens.family_goldens [family ...]
"""

import sys

import numpy as np
import torch
from torch import Tensor

from modeling.goldens.family_cases import RESULTS, cases
from modeling.goldens.references import REFERENCES
from modeling.goldens.seeded import fill


def reference_results(family: str) -> dict[str, Tensor]:
    """The output of the reference by case."""
    reference = REFERENCES[family]
    module = fill(reference.small())
    with torch.no_grad():
        return {name: reference.call(module, inputs) for name, inputs in cases(family).items()}


def main() -> None:
    RESULTS.mkdir(exist_ok=True)
    for family in sys.argv[1:] or REFERENCES:
        results = reference_results(family)
        np.savez_compressed(RESULTS / f"{family}.npz", **{name: value.numpy() for name, value in results.items()})
        print(f"{family}: " + ", ".join(f"{name} {tuple(v.shape)} deviation {v.std():.3f}" for name, v in results.items()))


if __name__ == "__main__":
    main()
