"""Write `models/families/keys/`: key, dtype and shape of every tensor in the published checkpoints, from the reference code on the meta device.

python -m models.goldens.family_keys [family ...]
"""

import sys

import torch
from torch import nn

from models.goldens.family_cases import KEYS
from models.goldens.references import REFERENCES


def lines(module: nn.Module) -> list[str]:
    """One line per tensor of the state dict, in its order."""
    return [f"{key} {str(t.dtype).removeprefix('torch.')} {'x'.join(map(str, t.shape)) or '-'}" for key, t in module.state_dict().items()]


def main() -> None:
    KEYS.mkdir(exist_ok=True)
    for family in sys.argv[1:] or REFERENCES:
        with torch.device("meta"):
            text = "\n".join(lines(REFERENCES[family].public())) + "\n"
        (KEYS / f"{family}.txt").write_text(text)
        print(f"{family}: {text.count(chr(10))} tensors")


if __name__ == "__main__":
    main()
