"""The tensors of a safetensors file: a length, a JSON table, and bytes, as https://huggingface.co/docs/safetensors says.

The rules are those of its format: entries follow each other without a gap or an overlap and fill the file to its end. So a table that points
at its own header, at another tensor, or beyond the end is refused, and no number is read that is not the tensor's.
"""

import json
import math
import mmap
from pathlib import Path

import torch
from torch import Tensor

from modeling.convert.checkpoint_error import CheckpointError, first_line

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
_LARGEST_TABLE = 100_000_000  #: bytes, as the format's own library allows
_NO_TENSORS = "__metadata__"


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a file, without copying it into memory. @raises CheckpointError when it is broken."""
    try:
        return _read(path)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or first_line(error)})") from error


def _read(path: Path) -> dict[str, Tensor]:
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise CheckpointError(f"{path}: the table would have {length} bytes in a file of {size}; is the download whole?")
        if length > _LARGEST_TABLE:
            raise CheckpointError(f"{path}: the table has {length} bytes, more than the {_LARGEST_TABLE} of the format; is it a safetensors file?")
        table = _table(file.read(length), path)
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    begin, places = 8 + length, {key: _place(key, entry, path) for key, entry in table.items() if key != _NO_TENSORS}
    _check_order(places, size - begin, path)
    return {key: _tensor(data, begin, *place) for key, place in places.items()}


def _table(text: bytes, path: Path) -> dict[str, object]:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            raise CheckpointError(f"{path}: the table names {next(name for name in names if names.count(name) > 1)} twice; is the download whole?")
        return made

    try:
        table = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its table is no JSON ({first_line(error)}); is the download whole?") from error
    if not isinstance(table, dict):
        raise CheckpointError(f"{path}: its table is a {type(table).__name__} and no list of tensors by name; is it a safetensors file?")
    return table


def _place(key: str, entry: object, path: Path) -> tuple[torch.dtype, list[int], int, int]:
    """Type, shape, first byte and the byte behind the last, counted behind the table."""

    def wrong(what: str) -> CheckpointError:
        return CheckpointError(f"{path}: {key} {what}; is the download whole?")

    if not isinstance(entry, dict):
        raise wrong(f"is a {type(entry).__name__} in the table, not a map with dtype, shape and data_offsets")
    kind, shape, offsets = (entry.get(name) for name in ("dtype", "shape", "data_offsets"))
    dtype = _DTYPES.get(kind) if isinstance(kind, str) else None
    if dtype is None:
        raise CheckpointError(f"{path}: {key} has type {kind}; known are {', '.join(_DTYPES)}")
    if not _whole_numbers(shape):
        raise wrong(f"has the shape {shape}, which is no list of sizes")
    if not _whole_numbers(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise wrong(f"lies at {offsets}, which is no first byte and a later end")
    start, end = offsets
    if end - start != math.prod(shape) * dtype.itemsize:
        raise wrong(f"has {end - start} bytes for {kind} {shape}, which takes {math.prod(shape) * dtype.itemsize}")
    return dtype, shape, start, end


def _whole_numbers(value: object) -> bool:
    return isinstance(value, list) and all(type(each) is int and each >= 0 for each in value)


def _check_order(places: dict[str, tuple[torch.dtype, list[int], int, int]], size: int, path: Path) -> None:
    at = 0
    for key, (_, _, start, end) in sorted(places.items(), key=lambda each: each[1][2:]):
        if start != at:
            kind = "overlaps the tensor before it" if start < at else f"leaves {start - at} bytes that belong to nothing before it"
            raise CheckpointError(f"{path}: {key} lies at {start} … {end} and {kind}; is the download whole?")
        at = end
        if end > size:
            raise CheckpointError(f"{path}: {key} ends at byte {end} of {size} behind the table; is the download whole?")
    if at != size:
        raise CheckpointError(f"{path}: its tensors end at byte {at} of {size} behind the table; is the download whole?")


def _tensor(data: mmap.mmap, begin: int, dtype: torch.dtype, shape: list[int], start: int, end: int) -> Tensor:
    count = (end - start) // dtype.itemsize
    flat = torch.frombuffer(data, dtype=dtype, count=count, offset=begin + start) if count else torch.empty(0, dtype=dtype)
    return flat.reshape(shape)
