"""Convert published checkpoints to a model package.

python -m modeling.convert --family lavie-base --checkpoint lavie_base.pt --out models/packages/lavie-base [--precision fp16]
"""

import argparse
import sys
from pathlib import Path

_WRONG_CALL, _WRONG_MODEL = 2, 7  #: exit codes, those of `shotline`


def main() -> int:
    try:
        from tqdm import tqdm

        from modeling.convert.checkpoint_error import CheckpointError
        from modeling.convert.components import CHECKPOINT, COMPONENTS, FILES
        from modeling.convert.convert import PRECISIONS, Conversion, convert
        from modeling.convert.facts import FACTS
        from modeling.convert.sets import words_about
    except ModuleNotFoundError as missing:
        print(f"{sys.executable} has no {missing.name}; run {sys.executable} -m pip install -r modeling/requirements.txt", file=sys.stderr)
        return _WRONG_CALL

    parser = argparse.ArgumentParser(prog="shotline models convert", description="Convert published checkpoints to a model package.")
    parser.add_argument("--family", choices=sorted(COMPONENTS), required=True)
    for name, says in FILES.items():
        parser.add_argument(f"--{name}", type=Path, required=name == CHECKPOINT, help=says)
    parser.add_argument("--out", type=Path, required=True, help="folder of the package, usually <models>/packages/<family>")
    parser.add_argument("--tokenizer", type=Path, help="folder with vocab.json and merges.txt, or spiece.model, for families that read words")
    parser.add_argument("--size", type=_size, help="width and height of clips in pixels, as 512x288, where it shall not be the size of training")
    parser.add_argument(
        "--precision",
        choices=sorted(PRECISIONS),
        default="fp16",
        help="of the weights and of the sums (fp16); bf16 graphs store weights so and sum in fp32",
    )
    parser.add_argument("--freeu", type=int, choices=(1, 2), default=2, help="version of FreeU in a U-Net: 1 strengthens everywhere alike")
    parser.add_argument("--engine", choices=("onnx", "torch"), default="onnx", help="what runs the package: graphs, or weights for the torch engine")
    parser.add_argument("--accept-licence", action="store_true", help="the terms of the weights are read and accepted")
    given = parser.parse_args()
    licence = FACTS[given.family]["licence"]
    if not given.accept_licence:
        print(f"The weights of {given.family} come under {licence}. Read the terms, and say --accept-licence to go on.", file=sys.stderr)
        return _WRONG_CALL
    files = {name: path for name in FILES if (path := getattr(given, name)) is not None}
    conversion = Conversion(given.family, files, given.out, given.precision, given.tokenizer, given.engine, given.size, given.freeu)
    try:
        with tqdm(total=1, unit=" tensors", disable=not sys.stderr.isatty()) as bar:

            def progress(done: int, total: int) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            print(convert(conversion, progress, print))
        for line in words_about(given.out.resolve()):
            print(line)
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return _WRONG_MODEL
    return 0


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and int(width) > 0 and int(height) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write width and height in pixels, as 512x288")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
