"""Read the tensors of a published checkpoint, without running code and without copying the file into memory."""

import json
import mmap
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

_NESTED = ("ema", "ema_unet", "state_dict", "model")  #: where checkpoints keep their tensors, the averaged ones first
_PREFIXES = ("module.", "_orig_mod.")  #: what wrappers of the training code put in front of every key
_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
}


_INDEX = ".index.json"  #: how the list of a checkpoint in several files ends


class CheckpointError(Exception):
    """The file is no checkpoint of the family; the message says what is wrong, the rule and the next step."""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Every tensor by its key: from `.safetensors`, from a torch file, where they may lie under `ema` or `state_dict`, or from several files."""
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; give the path of the downloaded checkpoint")
    if path.name.endswith(_INDEX):
        return {key: tensor for shard in shards(path) for key, tensor in read_checkpoint(shard).items()}
    state = read_safetensors(path) if path.suffix == ".safetensors" else _tensors_of(_read_torch(path), path)
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def shards(path: Path) -> list[Path]:
    """The files of a checkpoint that lies in several, by its `.index.json`; none of any other."""
    if not path.name.endswith(_INDEX):
        return []
    try:
        names = dict.fromkeys(json.loads(path.read_text())["weight_map"].values())
    except (ValueError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{path}: has no weight_map with the files of a checkpoint; is the download whole?") from error
    missing = [name for name in names if not (path.parent / name).is_file()]
    if missing:
        raise CheckpointError(f"{path}: of its {len(names)} files {len(missing)} are missing, the first {missing[0]}; download them beside it")
    return [path.parent / name for name in names]


def check_keys(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str) -> None:
    """Compare keys and shapes with the published ones. @raises CheckpointError naming the first difference of each kind and how many."""
    missing = [key for key in expected if key not in state]
    extra = [key for key in state if key not in expected]
    misshapen = [key for key in expected if key in state and state[key].shape != expected[key].shape]
    problems = [f"{len(keys)} {kind}, the first {keys[0]}" for kind, keys in (("missing", missing), ("extra", extra)) if keys]
    if misshapen:
        key = misshapen[0]
        shapes = f"{list(state[key].shape)} instead of {list(expected[key].shape)}"
        problems.append(f"{len(misshapen)} misshapen, the first {key}: {shapes}")
    if problems:
        raise CheckpointError(f"{what} does not fit: of {len(expected)} tensors, {'; '.join(problems)}; is it of another family or version?")


def _read_torch(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0][:200]
        raise CheckpointError(f"{path}: holds more than tensors, and reading that would run code ({reason}); save it as .safetensors") from error
    except (RuntimeError, OSError, EOFError, ValueError) as error:
        if "mmap can only be used" in str(error):  # the format of torch before 1.6
            return torch.load(path, map_location="cpu", weights_only=True)
        raise CheckpointError(f"{path}: cannot be read ({str(error).splitlines()[0][:200]}); is the download whole?") from error


def _tensors_of(loaded: object, path: Path) -> dict[str, Tensor]:
    while isinstance(loaded, Mapping):
        if loaded and all(isinstance(value, Tensor) for value in loaded.values()):
            return dict(loaded)
        inner = next((loaded[name] for name in _NESTED if isinstance(loaded.get(name), Mapping)), None)
        if inner is None:
            names = ", ".join(map(str, list(loaded)[:5]))
            raise CheckpointError(f"{path}: has {names or 'nothing'} at the top, and no tensors under any of {', '.join(_NESTED)}")
        loaded = inner
    raise CheckpointError(f"{path}: holds a {type(loaded).__name__}; a checkpoint is a table of tensors by name")


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file, without copying it into memory.

    The format is a length, a JSON table, and bytes: https://huggingface.co/docs/safetensors.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise CheckpointError(f"{path}: the table would have {length} bytes in a file of {size}; is the download whole?")
        table = json.loads(file.read(length))
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    state = {}
    for key, entry in table.items():
        if key == "__metadata__":
            continue
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        if end > size:
            raise CheckpointError(f"{path}: {key} ends at byte {end} of {size}; is the download whole?")
        dtype = _DTYPES.get(entry["dtype"])
        if dtype is None:
            raise CheckpointError(f"{path}: {key} has type {entry['dtype']}; known are {', '.join(_DTYPES)}")
        count = (end - start) // dtype.itemsize
        flat = torch.frombuffer(data, dtype=dtype, count=count, offset=start) if count else torch.empty(0, dtype=dtype)
        state[key] = flat.reshape(entry["shape"])
    return state
