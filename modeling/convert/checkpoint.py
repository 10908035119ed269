"""Read the tensors of a published checkpoint, without running code and without copying the file into memory."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from modeling.convert.checkpoint_error import CheckpointError, first_line
from modeling.convert.safetensors_file import read_safetensors

_NESTED = ("ema", "ema_unet", "state_dict", "model")  #: where checkpoints keep their tensors, the averaged ones first
_PREFIXES = ("module.", "_orig_mod.")  #: what wrappers of the training code put in front of every key
_INDEX = ".index.json"  #: how the list of a checkpoint in several files ends
_REASON, _CODE = "WeightsUnpickler error:", ("GLOBAL", "Unsupported class", "reduce", "Can only build", "not allowed")
"""Behind which words torch says why it reads no pickle, and the words of reasons that are about functions and classes."""
_DEEPEST = 8  #: of tables in tables


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """Every tensor by its key: from `.safetensors`, from a torch file, where they may lie under `ema` or `state_dict`, or from several files.

    @raises CheckpointError when the file is broken in whatever way, holds code, or is no table of tensors.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no such file; give the path of the downloaded checkpoint")
    if path.name.endswith(_INDEX):
        return _read_shards(path)
    state = read_safetensors(path) if path.suffix == ".safetensors" else _tensors_of(_read_torch(path), path)
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def shards(path: Path) -> list[Path]:
    """The files of a checkpoint that lies in several, by its `.index.json`; none of any other."""
    return [path.parent / name for name in dict.fromkeys(_weight_map(path).values())] if path.name.endswith(_INDEX) else []


def check_keys(state: Mapping[str, Tensor], expected: Mapping[str, Tensor], what: str) -> None:
    """Compare keys, shapes and kinds of numbers with the published ones, and look at every number.

    @raises CheckpointError naming the first difference of each kind and how many.
    """
    missing = [key for key in expected if key not in state]
    extra = [key for key in state if key not in expected]
    both = [key for key in expected if key in state]
    misshapen = [key for key in both if state[key].shape != expected[key].shape]
    mistyped = [key for key in both if state[key].is_meta or _kind(state[key]) != _kind(expected[key])]
    problems = [f"{len(keys)} {kind}, the first {keys[0]}" for kind, keys in (("missing", missing), ("extra", extra)) if keys]
    if misshapen:
        key = misshapen[0]
        shapes = f"{list(state[key].shape)} instead of {list(expected[key].shape)}"
        problems.append(f"{len(misshapen)} misshapen, the first {key}: {shapes}")
    if mistyped:
        key = mistyped[0]
        problems.append(f"{len(mistyped)} of another type, the first {key}: {_kind(state[key])} instead of {_kind(expected[key])}")
    if problems:
        raise CheckpointError(f"{what} does not fit: of {len(expected)} tensors, {'; '.join(problems)}; is it of another family or version?")
    check_finite(state, what)


def check_finite(state: Mapping[str, Tensor], what: str) -> None:
    """@raises CheckpointError when a number is NaN or infinite."""
    invalid = {key: count for key, tensor in state.items() if tensor.is_floating_point() and (count := num_invalid(tensor))}
    if invalid:
        key = next(iter(invalid))
        raise CheckpointError(
            f"{what} has numbers that are NaN or infinite in {len(invalid)} tensors, {invalid[key]} in the first, {key}; "
            "is the download whole? Where half precision made them, take --precision bf16"
        )


def num_invalid(tensor: Tensor) -> int:
    """How many numbers are NaN or infinite. The sum over all is finite only if each is, or it overflows, so most tensors are read once."""
    if tensor.numel() == 0 or bool(torch.isfinite(tensor.sum(dtype=torch.float64))):
        return 0
    return int((~torch.isfinite(tensor)).sum())


def _kind(tensor: Tensor) -> str:
    """What its numbers are; floats of any precision are the same."""
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return "a table without plain numbers"
    return "float" if tensor.is_floating_point() else str(tensor.dtype).removeprefix("torch.")


def _read_shards(path: Path) -> dict[str, Tensor]:
    named, state = _weight_map(path), {}
    for shard in shards(path):
        for key, tensor in read_checkpoint(shard).items():
            if named.get(key) != shard.name:
                raise CheckpointError(f"{path}: does not say that {key} is in {shard.name}; are both of one checkpoint?")
            state[key] = tensor
    absent = [key for key in named if key not in state]
    if absent:
        raise CheckpointError(f"{path}: {len(absent)} of its tensors are in none of its files, the first {absent[0]}; are all of one checkpoint?")
    return state


def _weight_map(path: Path) -> dict[str, str]:
    """File names by key, each beside the index."""
    try:
        named = json.loads(path.read_text())["weight_map"]
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{path}: has no weight_map with the files of a checkpoint; is the download whole?") from error
    if not isinstance(named, dict) or not named:
        raise CheckpointError(f"{path}: its weight_map is no table of files; is the download whole?")
    strange = next((name for name in named.values() if not _is_file_name(name)), None)
    if strange is not None:
        raise CheckpointError(f"{path}: names {str(strange)[:80]!r}, which is no file of tensors beside it; is the download whole?")
    names = dict.fromkeys(named.values())
    missing = [name for name in names if not (path.parent / name).is_file()]
    if missing:
        raise CheckpointError(f"{path}: of its {len(names)} files {len(missing)} are missing, the first {missing[0]}; download them beside it")
    return named


def _is_file_name(name: object) -> bool:
    return isinstance(name, str) and name == Path(name).name and "\0" not in name and not name.endswith(_INDEX)


def _read_torch(path: Path) -> object:
    """@raises CheckpointError whatever the reader stumbles over: bytes of a broken file lead it anywhere."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _load(path)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or first_line(error)}); is the download whole?") from error
    except Exception as error:
        reason = str(error).partition(_REASON)[2].strip().partition("\n")[0][:200]
        if any(sign in reason for sign in _CODE):
            raise CheckpointError(f"{path}: holds more than tensors, and reading that would run code ({reason}); save it as .safetensors") from error
        raise CheckpointError(f"{path}: cannot be read ({type(error).__name__}: {reason or first_line(error)}); is the download whole?") from error


def _load(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except RuntimeError as error:
        if "mmap can only be used" in str(error):  # the format of torch before 1.6
            return torch.load(path, map_location="cpu", weights_only=True)
        raise


def _tensors_of(loaded: object, path: Path) -> dict[str, Tensor]:
    for _ in range(_DEEPEST):
        if not isinstance(loaded, Mapping):
            break
        if loaded and all(isinstance(key, str) and isinstance(value, Tensor) for key, value in loaded.items()):
            return dict(loaded)
        inner = next((loaded[name] for name in _NESTED if isinstance(loaded.get(name), Mapping)), None)
        if inner is None:
            names = ", ".join(map(str, list(loaded)[:5]))[:200]
            raise CheckpointError(f"{path}: has {names or 'nothing'} at the top, and no tensors under any of {', '.join(_NESTED)}")
        loaded = inner
    raise CheckpointError(f"{path}: holds a {type(loaded).__name__}; a checkpoint is a table of tensors by name")
