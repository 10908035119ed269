"""Golden numbers of `media/colour-fix.ts`: `python modeling/goldens/colour_fix_goldens.py PATH`; writes `media/goldens/colour-fix.json`.

The wavelet is independent of ours: NumPy in float64, a chain of bands that are summed at the end (as NJU-PCALab/STAR describes it), with
the kernel as a two-dimensional table. Mean and deviation are those of STAR's own functions, taken out of their file by name, in float64;
PATH is a checkout of NJU-PCALab/STAR at COMMIT. Also the resizing of `tensor/resize.ts`, by torch (bicubic) and by Pillow (Lanczos, float
planes).
"""

import ast
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

COMMIT = "69b8bc53e4bb04267265fa9a288ee30882c5b2ed"
ROOT = Path(__file__).resolve().parent.parent.parent
KERNEL = np.array([[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]])


def dilated(plane: np.ndarray, reach: int) -> np.ndarray:
    """The kernel with its taps `reach` apart, borders repeated."""
    padded = np.pad(plane, reach, mode="edge")
    height, width = plane.shape
    return sum(KERNEL[i, j] * padded[i * reach : i * reach + height, j * reach : j * reach + width] for i in range(3) for j in range(3))


def bands(plane: np.ndarray, levels: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the high bands, and the low band."""
    high = np.zeros_like(plane)
    for level in range(levels):
        low = dilated(plane, 2**level)
        high += plane - low
        plane = low
    return high, plane


def adain(star: Path, content: np.ndarray, style: np.ndarray) -> np.ndarray:
    """STAR's, which works on pictures in 0 … 1 where ours are in -1 … 1."""
    tree = ast.parse((star / "video_super_resolution/color_fix.py").read_text())
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in ("calc_mean_std", "adaptive_instance_normalization")]
    names: dict = {"Tensor": torch.Tensor}
    exec(compile(ast.Module(wanted, []), "reference", "exec"), names)  # noqa: S102
    fixed = names["adaptive_instance_normalization"](*(torch.from_numpy((x.astype(np.float64) + 1) / 2)[None, None] for x in (content, style)))
    return (fixed[0, 0] * 2 - 1).numpy()


def main() -> None:
    star, rng = Path(sys.argv[1]), np.random.default_rng(5)
    y, x = np.mgrid[0:21, 0:38]
    picture = (np.sin(x / 3) * np.cos(y / 4) * 0.6 + rng.normal(0, 0.1, (21, 38))).astype(np.float32)
    source = (np.sin(x / 3 + 0.1) * 0.5 + 0.1).astype(np.float32)
    high, _ = bands(picture.astype(np.float64))
    _, low = bands(source.astype(np.float64))
    small = torch.from_numpy(picture[:9, :13].copy())
    bicubic = torch.nn.functional.interpolate(small[None, None].double(), size=(22, 31), mode="bicubic", align_corners=False)[0, 0]
    lanczos = np.asarray(Image.fromarray(small.numpy(), "F").resize((31, 22), Image.Resampling.LANCZOS))
    smaller = np.asarray(Image.fromarray(small.numpy(), "F").resize((7, 5), Image.Resampling.LANCZOS))

    def plane(values: np.ndarray) -> dict:
        return {"width": values.shape[1], "height": values.shape[0], "data": [round(float(v), 7) for v in values.flatten()]}

    fixes = {
        "picture": plane(picture),
        "source": plane(source),
        "wavelet": plane(high + low),
        "adain": plane(adain(star, picture, source)),
    }
    flat = (rng.normal(0.2, 0.004, (7, 11)) * np.ones((7, 11))).astype(np.float32)  # nearly without contrast: what is added to the variance shows
    lively = rng.normal(-0.3, 0.25, (7, 11)).astype(np.float32)
    fixes["flat"] = {"picture": plane(flat), "source": plane(lively), "adain": plane(adain(star, flat, lively))}
    fixes["lively"] = {"picture": plane(lively), "source": plane(flat), "adain": plane(adain(star, lively, flat))}
    resized = {"small": plane(small.numpy()), "bicubic": plane(bicubic.numpy()), "lanczos": plane(lanczos), "smaller": plane(smaller)}
    for path, content in ((ROOT / "media/goldens/colour-fix.json", fixes), (ROOT / "tensor/goldens/resize.json", resized)):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
