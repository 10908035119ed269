"""Goldens of tensor/: Philox normals from an independent NumPy implementation, and a file by the safetensors package."""

import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

TARGET = pathlib.Path(__file__).parents[2] / "tensor" / "goldens"
WORD = (1 << 32) - 1


def philox_block(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 in Python's unbounded integers."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (
            (product1 >> 32) ^ x1 ^ k0,
            product1 & WORD,
            (product0 >> 32) ^ x3 ^ k1,
            product0 & WORD,
        )
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return [x0, x1, x2, x3]


def fnv1a64(name: str) -> int:
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) % (1 << 64)
    return value


def normals(seed: int, stream: str, step: int, count: int) -> list[float]:
    """Box-Muller in float64, rounded to float32."""
    name = fnv1a64(stream)
    words: list[int] = []
    for block in range(-(-count // 4)):
        words += philox_block([block, step, name & WORD, name >> 32], [seed & WORD, seed >> 32])
    uniform = (np.array(words, dtype=np.float64) + 0.5) / 2.0**32
    radius = np.sqrt(-2 * np.log(uniform[0::2]))
    angle = 2 * np.pi * uniform[1::2]
    drawn = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
    return drawn[:count].astype(np.float32).astype(float).tolist()


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    # Known answers of Random123 (tests/kat_vectors): the golden maker must be right itself.
    assert philox_block([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox_block([WORD] * 4, [WORD] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    cases = []
    for seed, stream, step, count in [
        (0, "", 0, 8),
        (7, "base", 0, 66),
        (7, "base", 25, 10),
        ((1 << 53) - 1, "transition", (1 << 32) - 1, 9),
    ]:
        cases.append({"seed": seed, "stream": stream, "step": step, "normals": normals(seed, stream, step, count)})
    (TARGET / "philox.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
    save_file(
        {
            "frames": np.array([[0, 1, 2], [253, 254, 255]], dtype=np.uint8),
            "latents": np.array([[[0.5, -1.25], [3e-38, 65504]]], dtype=np.float32),
            "ids": np.array([0, -1, 9007199254740993], dtype=np.int64),
        },
        TARGET / "reference.safetensors",
        metadata={"made_by": "safetensors (Python)"},
    )


if __name__ == "__main__":
    main()
