"""T5's tokenizer as `tokenizer.json`, from `spiece.model` or from a `tokenizer.json` that was published beside it.

Source: Kudo and Richardson 2018, arXiv 1808.06226; the format of `spiece.model` is `src/sentencepiece_model.proto` of google/sentencepiece, of
which the pieces (field 1: text, score, kind) and the table of the normaliser (field 3, in it field 2) are read.

Where we differ: prompts become lower case here, as Latte's sampling code makes them.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from modeling.convert.checkpoint_error import CheckpointError, first_line

_PADDING, _END, _UNKNOWN = "<pad>", "</s>", "<unk>"
_SPACE = "▁"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  #: how a field is stored


def write_tokenizer(folder: Path | None, path: Path) -> None:
    """From `tokenizer.json` in `folder` if it is there, else from `spiece.model`."""
    if folder is not None and (folder / "tokenizer.json").is_file():
        made = _published(folder / "tokenizer.json")
    elif folder is not None and (folder / "spiece.model").is_file():
        made = _of_pieces(folder / "spiece.model")
    else:
        raise CheckpointError(f"a text encoder needs its tokenizer: no spiece.model in {folder}; give --tokenizer <folder>")
    lower = [normalizers.Lowercase(), normalizers.Strip()]
    made.normalizer = normalizers.Sequence(lower if made.normalizer is None else [*lower, made.normalizer])
    made.enable_padding(pad_id=made.token_to_id(_PADDING), pad_token=_PADDING)
    made.save(str(path))


def _published(file: Path) -> Tokenizer:
    try:
        made = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises no class of its own
        raise CheckpointError(f"{file} is no tokenizer ({first_line(error)}); is the download whole?") from error
    if made.token_to_id(_PADDING) is None:
        raise CheckpointError(f"{file} has no {_PADDING}; is it T5's?")
    made.no_truncation()
    return made


def _of_pieces(file: Path) -> Tokenizer:
    try:
        return _assembled(file.read_bytes())
    except Exception as error:  # the library raises no class of its own, and bytes of a broken file lead anywhere
        what = f"{type(error).__name__}: {first_line(error)}"
        raise CheckpointError(f"{file} is no model of sentencepiece for T5 ({what}); is the download whole?") from error


def _assembled(content: bytes) -> Tokenizer:
    fields = list(_fields(content))
    pieces = [dict(_fields(value)) for number, value in fields if number == 1]
    vocabulary = [(piece[1].decode(), struct.unpack("<f", piece[2])[0]) for piece in pieces]
    names = [name for name, _ in vocabulary]
    unknown, end = names.index(_UNKNOWN), names.index(_END)
    table = dict(_fields(dict(fields).get(3, b""))).get(2, b"")
    made = Tokenizer(models.Unigram(vocabulary, unk_id=unknown))
    folded = normalizers.Replace(Regex(" {2,}"), " ")
    made.normalizer = normalizers.Sequence([*([normalizers.Precompiled(table)] if table else []), folded])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(single=f"$A {_END}", special_tokens=[(_END, end)])
    made.add_special_tokens([_PADDING, _END, _UNKNOWN])
    return made


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Numbers and contents of the fields of a message; numbers of variable length are left out."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
            continue
        if kind not in (_FIXED64, _BYTES, _FIXED32):
            raise ValueError(f"a field of kind {kind} at byte {at}")
        size, at = _varint(message, at) if kind == _BYTES else (8 if kind == _FIXED64 else 4, at)
        if at + size > len(message):
            raise ValueError(f"a field ends at byte {at + size} of {len(message)}")
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at
