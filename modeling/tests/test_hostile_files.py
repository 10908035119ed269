"""A broken file of whatever kind ends in a sentence and leaves nothing behind, and no number that is none gets into a package."""

import json
import os
import pickle
import random
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from modeling.convert import clip_tokenizer, t5_tokenizer
from modeling.convert.checkpoint import check_keys, read_checkpoint
from modeling.convert.checkpoint_error import CheckpointError
from modeling.convert.convert import Conversion, convert
from modeling.convert.graph import GraphPlan, difference_between
from modeling.convert.plans import graph_plans
from modeling.goldens.seeded import fill
from modeling.published.registry import FAMILIES

State = dict[str, torch.Tensor]
STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([1.5, -2.0]), "c": torch.tensor(7.0)}
ENGINES = ("onnx", "torch")


def table_file(path: Path, table: object, data: bytes = b"\0" * 16) -> Path:
    header = table if isinstance(table, bytes) else json.dumps(table).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


def safetensors(path: Path, state: State) -> Path:
    table, data = {}, b""
    for key, tensor in state.items():
        content = tensor.numpy().tobytes()
        table[key] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    return table_file(path, table, data)


def entry(**changes: object) -> dict:
    return {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} | changes}


TABLES = {
    "no JSON": b'{"a": ',
    "not text": b"\xff\xfe\x00",
    "a list": [1],
    "a number": 3,
    "nested without end": b"[" * 100_000,
    "a list for an entry": {"a": [1, 2]},
    "no dtype": {"a": {"shape": [4], "data_offsets": [0, 16]}},
    "a dtype that is a list": entry(dtype=["F32"]),
    "an unknown dtype": entry(dtype="F4"),
    "no shape": {"a": {"dtype": "F32", "data_offsets": [0, 16]}},
    "a shape that does not fit": entry(shape=[5]),
    "a negative shape": entry(shape=[-4]),
    "sizes that are yes or no": entry(shape=[True, 4]),
    "a fraction of a shape": entry(shape=[4.0]),
    "swapped offsets": entry(data_offsets=[16, 0]),
    "a negative offset": entry(data_offsets=[-16, 0]),
    "three offsets": entry(data_offsets=[0, 16, 16]),
    "offsets that are text": entry(data_offsets=["0", "16"]),
    "an end beyond the file": entry(shape=[8], data_offsets=[0, 32]),
    "an enormous shape": entry(shape=[1 << 62, 1 << 62], data_offsets=[0, 16]),
    "overlapping tensors": entry(shape=[3], data_offsets=[0, 12]) | {"b": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}},
    "the same bytes twice": entry() | {"b": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}},
    "a gap": entry(shape=[2], data_offsets=[8, 16]),
    "bytes of nothing": entry(shape=[2], data_offsets=[0, 8]),
    "a name twice": b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}',
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_safetensors_file_with_a_broken_table_ends_in_a_sentence(kind: str, tmp_path: Path) -> None:
    file = table_file(tmp_path / "x.safetensors", TABLES[kind])
    with pytest.raises(CheckpointError, match=r"x\.safetensors: .*(;|known are|is in)"):
        read_checkpoint(file)


class Code:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("/tmp/shotline-code-ran"),))


def torch_file(what: object, zipped: bool = True) -> Callable[[Path], None]:
    return lambda path: torch.save(what, path, _use_new_zipfile_serialization=zipped)


TORCH = {
    "nothing": lambda path: path.write_bytes(b""),
    "junk": lambda path: path.write_bytes(b"no checkpoint at all " * 99),
    "a plain pickle": lambda path: path.write_bytes(pickle.dumps({"a": 1})),
    "code in a pickle": lambda path: path.write_bytes(pickle.dumps(Code(), protocol=2)),
    "code in a zip": torch_file({"a": Code()}),
    "code in the older format": torch_file({"a": Code()}, zipped=False),
    "a tensor": torch_file(torch.ones(2)),
    "a list": torch_file([torch.ones(2)]),
    "numbers for names": torch_file({1: torch.ones(2)}),
    "nothing under state_dict": torch_file({"state_dict": {}}),
    "tables in tables": torch_file({"ema": {"ema": {"ema": {"ema": {"ema": {"ema": {"ema": {"ema": {"ema": {}}}}}}}}}}),
}


@pytest.mark.parametrize("kind", TORCH)
def test_a_torch_file_of_another_kind_ends_in_a_sentence_and_runs_nothing(kind: str, tmp_path: Path) -> None:
    TORCH[kind](tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"x\.pt: "):
        read_checkpoint(tmp_path / "x.pt")
    assert not Path("/tmp/shotline-code-ran").exists()


def test_the_older_format_of_torch_is_read_and_a_cut_one_is_not(tmp_path: Path) -> None:
    torch.save(STATE, tmp_path / "x.pt", _use_new_zipfile_serialization=False)
    assert all(torch.equal(tensor, STATE[key]) for key, tensor in read_checkpoint(tmp_path / "x.pt").items())
    content = (tmp_path / "x.pt").read_bytes()
    for length in (60, len(content) // 2, len(content) - 3):
        (tmp_path / "cut.pt").write_bytes(content[:length])
        with pytest.raises(CheckpointError, match="is the download whole|holds more than tensors"):  # half a name is a name, too
            read_checkpoint(tmp_path / "cut.pt")


INDEXES = {
    "no JSON": "{",
    "a list": "[]",
    "no map": "{}",
    "an empty map": '{"weight_map": {}}',
    "a map that is a list": '{"weight_map": ["a"]}',
    "names that are numbers": '{"weight_map": {"a": 3}}',
    "names that are lists": '{"weight_map": {"a": ["x"]}}',
    "a file that is not there": '{"weight_map": {"a": "y.safetensors"}}',
    "a file outside": '{"weight_map": {"a": "../x.safetensors"}}',
    "itself": '{"weight_map": {"a": "x.safetensors.index.json"}}',
    "a file that is no checkpoint": '{"weight_map": {"a": "notes.safetensors"}}',
    "a folder": '{"weight_map": {"a": "folder"}}',
    "a zero in a name": '{"weight_map": {"a": "x\\u0000.safetensors"}}',
    "another tensor than in the file": '{"weight_map": {"z": "whole.safetensors"}}',
    "a tensor too much": json.dumps({"weight_map": dict.fromkeys([*STATE, "d"], "whole.safetensors")}),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_a_broken_index_ends_in_a_sentence(kind: str, tmp_path: Path) -> None:
    (tmp_path / "notes.safetensors").write_text("notes")
    (tmp_path / "folder").mkdir()
    safetensors(tmp_path / "whole.safetensors", STATE)
    file = tmp_path / "x.safetensors.index.json"
    file.write_text(INDEXES[kind])
    with pytest.raises(CheckpointError, match=r"\.(json|safetensors): "):
        read_checkpoint(file)


def test_whole_numbers_under_a_key_of_fractions_are_refused() -> None:
    with pytest.raises(CheckpointError, match="1 of another type, the first b: int32 instead of float"):
        check_keys(STATE | {"b": torch.ones(2, dtype=torch.int32)}, STATE, "x.pt")
    with pytest.raises(CheckpointError, match="the first b: a table without plain numbers"):
        check_keys(STATE | {"b": torch.ones(2).to_sparse()}, STATE, "x.pt")
    check_keys(STATE | {"b": torch.ones(2, dtype=torch.float16)}, STATE, "x.pt")


def fuzzed(content: bytes, dice: random.Random) -> bytes:
    """Bytes changed as downloads, disks and people change them."""
    changed = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed) + 1)
        kind = dice.randrange(5)
        if kind == 0 and at < len(changed):
            changed[at] = dice.randrange(256)
        elif kind == 1:
            del changed[at:]
        elif kind == 2:
            changed[at:at] = dice.randbytes(dice.randint(1, 9))
        elif kind == 3:
            del changed[at : at + dice.randint(1, 40)]
        elif changed:
            other = dice.randrange(len(changed))
            changed[at : at + 8] = changed[other : other + 8]
    return bytes(changed)


@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy", "index"])
def test_files_that_were_changed_at_random_end_in_a_sentence_or_in_whole_numbers(kind: str, tmp_path: Path) -> None:
    dice = random.Random(f"checkpoints {kind}")
    file = tmp_path / {"safetensors": "x.safetensors", "index": "x.safetensors.index.json"}.get(kind, "x.pt")
    if kind == "safetensors":
        safetensors(file, STATE)
    elif kind == "index":
        safetensors(tmp_path / "one.safetensors", STATE)
        file.write_text(json.dumps({"metadata": {}, "weight_map": dict.fromkeys(STATE, "one.safetensors")}))
    else:
        torch.save({"ema": STATE}, file, _use_new_zipfile_serialization=kind == "zip")
    content, refused = file.read_bytes(), 0
    for _ in range(500):
        file.unlink()  # a new file: an earlier one may still be mapped
        file.write_bytes(fuzzed(content, dice))
        try:
            state = read_checkpoint(file)
            check_keys(state, STATE, str(file))
        except CheckpointError as error:
            refused += 1
            assert str(error).strip()
            continue
        for key, tensor in state.items():  # what is accepted has numbers only
            assert tensor.shape == STATE[key].shape and bool(torch.isfinite(tensor).all())
    assert refused > 100


def vae(path: Path, change: Callable[[State], None] = lambda _: None) -> Path:
    state = fill(FAMILIES["sd14-vae"].small()).state_dict()
    change(state)
    torch.save(state, path)
    return path


def converted(checkpoint: Path, out: Path, engine: str = "onnx", precision: str = "fp32") -> str:
    build = {"sd14-vae": FAMILIES["sd14-vae"].small}
    return convert(Conversion("sd14-vae", {"checkpoint": checkpoint}, out, precision, engine=engine, build=build), lambda *_: None, lambda _: None)


def becomes(key: str, value: float) -> Callable[[State], None]:
    return lambda state: state[key].view(-1)[-1:].fill_(value)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("key", ["encoder.conv_in.weight", "decoder.conv_out.bias", "decoder.mid_block.resnets.0.norm1.weight"])
def test_a_number_that_is_none_is_found_in_any_tensor(engine: str, value: float, key: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=f"NaN or infinite in 1 tensors, 1 in the first, {key}"):
        converted(vae(tmp_path / "vae.pt", becomes(key, value)), tmp_path / "models" / "sd14-vae", engine)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vae.pt"]


@pytest.mark.parametrize(("engine", "graph"), [("onnx", "decoder"), ("torch", "encoder"), ("torch", "decoder")])
def test_weights_that_are_numbers_and_make_none_fail_in_whichever_graph(engine: str, graph: str, tmp_path: Path) -> None:
    file = vae(tmp_path / "vae.pt", lambda state: state[f"{graph}.conv_out.weight"].fill_(3e38))
    with pytest.raises(CheckpointError, match=f"{graph}: of .* numbers that torch computes .* are NaN or infinite"):
        converted(file, tmp_path / "models" / "sd14-vae", engine)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vae.pt"]


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_that_are_too_large_for_the_precision_fail(engine: str, tmp_path: Path) -> None:
    file = vae(tmp_path / "vae.pt", becomes("decoder.conv_out.bias", 1e6))
    with pytest.raises(CheckpointError, match="sd14-vae in fp16 has numbers that are NaN or infinite"):
        converted(file, tmp_path / "sd14-vae", engine, "fp16")
    if engine == "torch":
        assert "differ by" in converted(file, tmp_path / "sd14-vae", engine, "fp32")


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_weights_for_the_torch_engine_are_compared_as_they_were_written(precision: str, tmp_path: Path) -> None:
    said = converted(vae(tmp_path / "vae.pt"), tmp_path / "sd14-vae", "torch", precision)
    assert "the written weights and torch differ by 0.0e+00" in said
    assert json.loads((tmp_path / "sd14-vae" / "model.json").read_text())["provenance"]["largestDifference"] == 0


def plan() -> GraphPlan:
    return graph_plans(fill(FAMILIES["sd14-vae"].small()))[1]


def test_no_difference_is_taken_to_what_is_no_number() -> None:
    whole = np.ones((2, 3), np.float32)
    for place in range(6):
        for value in (np.nan, np.inf):
            broken = whole.copy()
            broken.flat[place] = value
            for pair in ((whole, broken), (broken, whole)):
                with pytest.raises(CheckpointError, match="of 6 numbers that .* computes 1 are NaN or infinite"):
                    difference_between(plan(), *pair)
    with pytest.raises(CheckpointError, match=r"gives \[1, 3\] where torch gives \[2, 3\]"):
        difference_between(plan(), whole, whole[:1])
    assert difference_between(plan(), whole * 4, whole * 3) == 0.25
    assert difference_between(plan(), whole * 0, whole * 0) == 0


FULL = """
import resource, sys
from pathlib import Path
from modeling.tests.test_hostile_files import converted, CheckpointError
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
try:
    converted(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
except CheckpointError as error:
    print(error)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_full_disk_is_a_sentence_and_gets_its_room_back(engine: str, tmp_path: Path) -> None:
    file, out = vae(tmp_path / "vae.pt"), tmp_path / "models" / "packages" / "sd14-vae"
    command = [sys.executable, "-c", FULL, str(file), str(out), engine]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert f"{out}: the disk is full" in ran.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["vae.pt"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 30_000


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    file = vae(tmp_path / "vae.pt")
    with pytest.raises(CheckpointError, match="vae.pt: cannot be written"):
        converted(file, file)
    with pytest.raises(CheckpointError, match="sd14-vae: cannot be written"):
        converted(file, file / "packages" / "sd14-vae")
    assert [path.name for path in tmp_path.iterdir()] == ["vae.pt"]


def test_broken_words_of_a_tokenizer_are_a_sentence(tmp_path: Path) -> None:
    good = json.dumps({"<|startoftext|>": 0, "<|endoftext|>": 1, "a</w>": 2})
    for vocabulary, merges in (("{", ""), ("[1]", ""), ('{"a": "b"}', ""), (good, "a b c\n"), (good, "q r</w>\n"), ('{"a": 1}', "")):
        (tmp_path / "vocab.json").write_text(vocabulary)
        (tmp_path / "merges.txt").write_text(merges)
        with pytest.raises(CheckpointError, match="are no tokenizer of CLIP"):
            clip_tokenizer.write_tokenizer(tmp_path, tmp_path / "out.json")
    dice = random.Random("tokenizers")
    for _ in range(200):
        (tmp_path / "spiece.model").write_bytes(dice.randbytes(dice.randint(0, 60)))
        with pytest.raises(CheckpointError, match="is no model of sentencepiece"):
            t5_tokenizer.write_tokenizer(tmp_path, tmp_path / "out.json")
    (tmp_path / "tokenizer.json").write_text('{"model": 1}')
    with pytest.raises(CheckpointError, match="is no tokenizer"):
        t5_tokenizer.write_tokenizer(tmp_path, tmp_path / "out.json")
