"""Write `modeling/published/keys/`: key, dtype and shape of every tensor in the published checkpoints, from the reference code on the meta device.

python -m modeling.goldens.family_keys [family ...]
"""

import sys

import torch

from modeling.goldens.references import REFERENCES
from modeling.published.keys import KEYS, lines


def main() -> None:
    KEYS.mkdir(exist_ok=True)
    for family in sys.argv[1:] or REFERENCES:
        with torch.device("meta"):
            text = "\n".join(lines(REFERENCES[family].public().state_dict())) + "\n"
        (KEYS / f"{family}.txt").write_text(text)
        print(f"{family}: {text.count(chr(10))} tensors")


if __name__ == "__main__":
    main()
