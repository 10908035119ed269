"""Write `test/stage/fixtures/small-upscale/`: an upscaler that denoises, with the graphs of `docs/model-packages.md` and a few numbers in each.

python -m modeling.goldens.small_upscaler

Every input counts: what is predicted depends on latents and frames by a convolution over space and time, on the words, the timestep, the
noise level, FreeU's factors and the weights of windows.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from modeling.export.graph import OPSET
from modeling.export.package import Package, write_manifest
from modeling.goldens.seeded import seeded

OUT = Path(__file__).resolve().parents[2] / "test" / "stage" / "fixtures" / "small-upscale"
_WIDTH, _TOKENS = 8, 6
_WORDS = ("[PAD]", "[UNK]", "a", "red", "boat", "blur")


def _value(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _numbers(name: str, *shape: int, scale: float = 1.0) -> onnx.TensorProto:
    return numpy_helper.from_array((seeded(f"small-upscale/{name}", *shape) * scale).numpy(), name)


def _write(name: str, nodes: list, inputs: list, output: onnx.ValueInfoProto, numbers: list) -> None:
    graph = helper.make_graph(nodes, name, inputs, [output], numbers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, OUT / f"{name}.onnx")


def _denoiser() -> None:
    node = helper.make_node
    shape = ["B", 7, "F", "h", "w"]
    told = [("timestep", "time"), ("noise_level", "level")]
    nodes = [
        node("Conv", ["sample", "kernel"], ["seen"], pads=[1] * 6),
        node("ReduceMean", ["context", "rows"], ["word"], keepdims=1),
        node("Unsqueeze", ["word", "second"], ["words"]),
        *(node("Cast", [name], [f"{short}_float"], to=TensorProto.FLOAT) for name, short in told),
        *(node("Mul", [f"{short}_float", "thousandth"], [f"{short}_small"]) for _, short in told),
        *(node("Reshape", [f"{short}_small", "batch_first"], [short]) for _, short in told),
        node("ReduceMax", ["freeu"], ["strongest"], keepdims=0),
        node("ReduceMax", ["window_weights"], ["heaviest"], keepdims=0),
        node("Cast", ["windows"], ["frames"], to=TensorProto.FLOAT),
        node("ReduceMin", ["frames"], ["first"], keepdims=0),
        node("Sum", ["seen", "words", "time", "level", "first"], ["sum"]),
        node("Mul", ["sum", "strongest"], ["strong"]),
        node("Mul", ["strong", "heaviest"], ["prediction"]),
    ]
    numbers = [
        _numbers("kernel", 4, 7, 3, 3, 3, scale=0.1),
        numpy_helper.from_array(np.array([2, 3], np.int64), "rows"),
        numpy_helper.from_array(np.array([1], np.int64), "second"),
        numpy_helper.from_array(np.array([-1, 1, 1, 1, 1], np.int64), "batch_first"),
        numpy_helper.from_array(np.array(1e-3, np.float32), "thousandth"),
    ]
    inputs = [
        _value("sample", shape),
        _value("timestep", ["B"], TensorProto.INT64),
        _value("noise_level", ["B"], TensorProto.INT64),
        _value("context", ["B", "F or 1", "T", _WIDTH]),
        _value("freeu", [4]),
        _value("windows", ["n", "L"], TensorProto.INT64),
        _value("window_weights", ["n", "L"]),
    ]
    _write("denoiser", nodes, inputs, _value("prediction", ["B", 4, "F", "h", "w"]), numbers)


def _text() -> None:
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["context"])]
    _write(
        "text",
        nodes,
        [_value("input_ids", ["B", "T"], TensorProto.INT64)],
        _value("context", ["B", "T", _WIDTH]),
        [_numbers("table", len(_WORDS), _WIDTH, scale=2)],
    )


def _decoder() -> None:
    nodes = [
        helper.make_node("ConvTranspose", ["latents", "spread"], ["wide"], strides=[4, 4]),
        helper.make_node("Tanh", ["wide"], ["frames"]),
    ]
    inputs, output = [_value("latents", ["N", 4, "h", "w"])], _value("frames", ["N", 3, "H", "W"])
    _write("decoder", nodes, inputs, output, [_numbers("spread", 4, 3, 4, 4, scale=0.05)])


def _tokenizer() -> dict:
    return {
        **{"version": "1.0", "truncation": None, "added_tokens": [], "post_processor": None, "decoder": None},
        "padding": {"strategy": {"Fixed": _TOKENS}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": _WORDS[0]},
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": {word: index for index, word in enumerate(_WORDS)}, "unk_token": _WORDS[1]},
    }


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    _denoiser()
    _text()
    _decoder()
    (OUT / "tokenizer.json").write_text(json.dumps(_tokenizer(), indent=2) + "\n")
    fields = {
        "latent": {"channels": 4, "downscale": 4, "scale": 0.08333},
        "native": {"width": 32, "height": 20, "frames": 8},
        "context": {"width": _WIDTH, "tokens": _TOKENS},
        "diffusion": {
            "prediction": "v",
            "schedule": {"kind": "linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": 1000},
            "sampler": {"kind": "ddim", "steps": 2, "guidance": 5, "spacing": "trailing"},
            "noiseLevel": 50,
            "noiseSchedule": {"kind": "scaled-linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": 1000},
            "negative": "blur",
        },
    }
    graphs = {name: f"{name}.onnx" for name in ("denoiser", "text", "decoder")}
    about = {"root": OUT.parent, "path": OUT, "source": "modeling/goldens/small_upscaler.py"}
    write_manifest(Package(OUT.name, "upscale", "1.0.0", graphs, {}, fields, **about))


if __name__ == "__main__":
    main()
