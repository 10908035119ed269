"""CLIP's tokenizer as `tokenizer.json`, from the two files it was published as.

Source: openai/CLIP@a1d0717, `clip/simple_tokenizer.py`.
"""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from modeling.convert.checkpoint_error import CheckpointError, first_line

START, END = "<|startoftext|>", "<|endoftext|>"
_WORDS = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def write_tokenizer(folder: Path | None, path: Path, padding: str | None = None) -> None:
    """From `vocab.json` and `merges.txt` in `folder`.

    `padding`: the token that fills prompts up; the end token, as Stable Diffusion 1 was trained, if it is not given.
    """
    missing = [name for name in ("vocab.json", "merges.txt") if folder is None or not (folder / name).is_file()]
    if missing:
        raise CheckpointError(f"a text encoder needs its tokenizer: no {' and '.join(missing)} in {folder}; give --tokenizer <folder>")
    padding = padding or END
    try:
        vocabulary = json.loads((folder / "vocab.json").read_text())
        lines = (folder / "merges.txt").read_text().splitlines()
        merges = [tuple(line.split()) for line in lines if line and not line.startswith("#version")]
        made = Tokenizer(models.BPE(vocabulary, merges, continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END))
        absent = [token for token in (START, END, padding) if token not in vocabulary]
        if absent:
            raise ValueError(f"vocab.json has no {absent[0]}")
    except Exception as error:  # the library raises no class of its own
        what = f"vocab.json and merges.txt are no tokenizer of CLIP ({first_line(error)})"
        raise CheckpointError(f"{folder}: {what}; are the downloads whole?") from error
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    split = pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True)
    made.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.decoder = decoders.ByteLevel()
    ends = [(token, vocabulary[token]) for token in (START, END)]
    made.post_processor = processors.TemplateProcessing(single=f"{START} $A {END}", special_tokens=ends)
    made.enable_padding(pad_id=vocabulary[padding], pad_token=padding)
    made.save(str(path))
