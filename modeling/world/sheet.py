"""Contact sheets: clips as rows of frames with a title above each."""

from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

_TITLE = 14  #: height of a title in pixels


def save_sheet(path: Path, clips: list[Tensor], titles: list[str], frames: int = 6, scale: float = 0.6, columns: int = 1) -> None:
    """Save clips (each `[F, 3, h, w]`, 0..1) as a PNG: `frames` evenly spaced frames per row, `columns` clips side by side."""
    strips = [_strip(clip, title, frames, scale) for clip, title in zip(clips, titles, strict=True)]
    width, height = strips[0].size
    rows = -(-len(strips) // columns)
    sheet = Image.new("RGB", (width * columns, height * rows), "white")
    for k, strip in enumerate(strips):
        sheet.paste(strip, (width * (k % columns), height * (k // columns)))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _strip(clip: Tensor, title: str, frames: int, scale: float) -> Image.Image:
    index = torch.linspace(0, len(clip) - 1, min(frames, len(clip))).round().long().tolist()
    row = torch.cat([clip[i] for i in index], dim=-1).clamp(0, 1)
    image = Image.fromarray((row.permute(1, 2, 0) * 255).round().byte().numpy())
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    strip = Image.new("RGB", (image.width, image.height + _TITLE), "white")
    strip.paste(image, (0, _TITLE))
    ImageDraw.Draw(strip).text((3, 1), title, fill="black")
    return strip
