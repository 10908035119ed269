"""Convert a published checkpoint to a model package.

python -m models.convert --family lavie-base --checkpoint lavie_base.pt --out models/packages/lavie-base [--precision fp16]
"""

import argparse
import sys
from pathlib import Path

_WRONG_CALL, _WRONG_MODEL = 2, 7  #: exit codes, those of `shotline`


def main() -> int:
    try:
        from tqdm import tqdm

        from models.convert.checkpoint import CheckpointError
        from models.convert.convert import PRECISIONS, convert
        from models.convert.facts import FACTS
        from models.convert.sets import write_complete_sets
    except ModuleNotFoundError as missing:
        print(f"{sys.executable} has no {missing.name}; run {sys.executable} -m pip install -r models/requirements.txt", file=sys.stderr)
        return _WRONG_CALL

    parser = argparse.ArgumentParser(prog="shotline models convert", description="Convert a published checkpoint to a model package.")
    parser.add_argument("--family", choices=sorted(FACTS), required=True)
    parser.add_argument("--checkpoint", type=Path, required=True, help="the downloaded file: .pt or .safetensors")
    parser.add_argument("--out", type=Path, required=True, help="folder of the package, usually <models>/packages/<family>")
    parser.add_argument("--tokenizer", type=Path, help="folder with vocab.json and merges.txt, for sd14-text")
    parser.add_argument(
        "--precision",
        choices=sorted(PRECISIONS),
        default="fp16",
        help="of the weights and of the sums (fp16); bf16 graphs store weights so and sum in fp32",
    )
    parser.add_argument("--engine", choices=("onnx", "torch"), default="onnx", help="what runs the package: graphs, or weights for the torch engine")
    parser.add_argument("--accept-licence", action="store_true", help="the terms of the weights are read and accepted")
    given = parser.parse_args()
    licence = FACTS[given.family]["licence"]
    if not given.accept_licence:
        print(f"The weights of {given.family} come under {licence}. Read the terms, and say --accept-licence to go on.", file=sys.stderr)
        return _WRONG_CALL
    try:
        with tqdm(total=1, unit=" tensors", disable=not sys.stderr.isatty()) as bar:

            def progress(done: int, total: int) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            print(convert(given.family, given.checkpoint, given.out, given.precision, progress, print, given.tokenizer, engine=given.engine))
        for name in write_complete_sets(given.out.resolve()):
            print(f"the set {name} is complete: models: {name}")
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return _WRONG_MODEL
    return 0


if __name__ == "__main__":
    sys.exit(main())
