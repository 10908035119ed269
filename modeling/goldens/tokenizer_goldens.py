"""Goldens of engine/: ids of hard strings by the Rust tokenizers library, and random sentences of the world."""

import json
import pathlib
import random

from tokenizers import Tokenizer

from modeling.world import caption, sample_scene

ROOT = pathlib.Path(__file__).parents[2]
TARGET = ROOT / "engine" / "goldens" / "tokenizer.json"
HARD = (
    "",
    " ",
    "\t\n  a   red\u00a0ball \r\n",
    "A BIG Red Ball, rolls RIGHT!",
    "it's the boat's sail -- isn't it? we'll see; they've won",
    "1234567890 12.5e-3 0x1F 3/4",
    "caf\u00e9 na\u00efve cafe\u0301 nai\u0308ve",  # composed and decomposed
    "\u1e9e Stra\u00dfe \u0130stanbul \u0131 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",  # letters whose lower case is special
    "漢字とカタカナ 한국어 ไทย हिन्दी العربية עברית",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🚀🚀 ☂️",
    "\u200b\u200d\ufeff\u00ad zero width",
    "<start> a ball <end> <pad>",
    "<|startoftext|> a ball <|endoftext|>",
    "a" * 300,
    "under_score-hyphen/slash\\backslash \"quotes\" 'single' `tick` {brace} [bracket] (paren)",
    "\ud7ff\ue000\ufffd\U0010ffff",
    "ﬁ ﬂ ① ² ½ Ⅷ ｆｕｌｌ",
    "a red ball " * 20,
)


def main() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / "models" / "packages" / "pocket-text" / "tokenizer.json"))
    rng = random.Random(17)
    texts = [*HARD, *(caption(sample_scene(rng, None), rng) for _ in range(40))]
    cases = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts]
    TARGET.parent.mkdir(exist_ok=True)
    written = {"source": "modeling/goldens/tokenizer_goldens.py", "cases": cases}
    TARGET.write_text(json.dumps(written, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
