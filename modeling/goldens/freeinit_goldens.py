"""Goldens of FreeInit: filters, frequency mix and whole runs, made by the reference's own code.

Usage: freeinit_goldens.py PATH, where PATH is a checkout of TianxingWu/FreeInit at COMMIT. The loop over passes is taken out of its
pipeline as it stands, because that file also imports what loads and draws; it runs with diffusers' DDIM, our noise and a model of plain
arithmetic. Everything is float64.
"""

import ast
import contextlib
import importlib.util
import json
import pathlib
import sys
import types

import torch
from diffusers import DDIMScheduler
from philox_goldens import normals

COMMIT = "410286de018fef339c324e49e894a9cf82824f90"
TARGET = pathlib.Path(__file__).parents[2] / "diffusion" / "goldens"
SEED = 11


def filters(reference: types.ModuleType) -> list[dict]:
    """Every filter at even and odd sizes, in the reference's order (frequency 0 in the middle)."""
    cases = []
    for shape in [(8, 6, 10), (7, 5, 9)]:
        for spatial, temporal in [(0.25, 0.25), (0.5, 0.2), (1.0, 0.7)]:
            for kind in ["butterworth", "gaussian", "ideal", "box"]:
                more = {"n": 4 if temporal == spatial else 2} if kind == "butterworth" else {}
                mask = getattr(reference, f"{kind}_low_pass_filter")(shape, d_s=spatial, d_t=temporal, **more)
                setting = {"kind": kind, "spatial": spatial, "temporal": temporal}
                setting |= {"order": more["n"]} if more else {}
                cases.append({"shape": shape, "filter": setting, "mask": [float(f"{value:.9g}") for value in mask.flatten().tolist()]})
    return cases


def draw(shape: tuple[int, ...], stream: str) -> torch.Tensor:
    count = int(torch.tensor(shape).prod())
    return torch.tensor(normals(SEED, stream, 0, count), dtype=torch.float64).reshape(shape)


def mixes(reference: types.ModuleType) -> list[dict]:
    """The frequency mix; of large volumes every 97th number."""
    cases = []
    settings = [
        ((1, 2, 8, 6, 10), "gaussian", 0.25, 0.25, 1),
        ((1, 2, 7, 5, 9), "butterworth", 0.5, 0.2, 1),
        ((1, 1, 16, 9, 16), "butterworth", 0.25, 0.25, 1),
        ((1, 1, 16, 36, 64), "butterworth", 0.25, 0.25, 97),
        ((1, 1, 61, 9, 16), "ideal", 0.25, 0.25, 97),
    ]
    for shape, kind, spatial, temporal, every in settings:
        mask = getattr(reference, f"{kind}_low_pass_filter")(shape[2:], d_s=spatial, d_t=temporal)
        mixed = reference.freq_mix_3d(draw(shape, "low"), draw(shape, "high"), LPF=mask)
        setting = {"kind": kind, "spatial": spatial, "temporal": temporal}
        cases.append({"shape": shape, "filter": setting, "every": every, "mixed": mixed.flatten()[::every].tolist()})
    return cases


def model(sample: torch.Tensor, timestep: int) -> torch.Tensor:
    index = torch.arange(sample.numel(), dtype=torch.float64).reshape(sample.shape)
    return 0.7 * torch.sin(sample) + 0.2 * torch.cos(0.013 * timestep + index)


class Double(types.ModuleType):
    """torch, but single precision is double, and noise comes from a list."""

    float32 = torch.float64

    def __init__(self, noises: list[torch.Tensor]):
        super().__init__("torch")
        self.randn = lambda *_, **__: noises.pop(0)

    def __getattr__(self, name: str):
        return getattr(torch, name)


def scheduler(steps: int) -> DDIMScheduler:
    """LaVie's DDIM with tables in float64."""
    made = DDIMScheduler(beta_start=1e-4, beta_end=0.02, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    made.alphas_cumprod = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
    made.final_alpha_cumprod = made.alphas_cumprod[0]
    made.set_timesteps(steps)
    return made


def loops(root: pathlib.Path, reference: types.ModuleType) -> list[dict]:
    """What each pass of the reference's loop ends with."""
    tree = ast.parse((root / "examples/AnimateDiff/animatediff/pipelines/pipeline_animation.py").read_text())
    [loop] = [node for node in ast.walk(tree) if isinstance(node, ast.For) and "num_iters" in ast.unparse(node.iter)]
    collect = ast.parse("passes.append(latents.clone())").body
    loop.body.extend(collect)
    code = compile(ast.fix_missing_locations(ast.Module([loop], [])), "reference", "exec")
    shape, passes_of = (1, 2, 6, 4, 5), 3
    cases = []
    for kind, coarse, steps in [("butterworth", False, 6), ("gaussian", True, 10)]:
        noises = [draw(shape, f"fresh {number}") for number in range(1, passes_of)]
        ddim, passes = scheduler(steps), []

        def predict(sample: torch.Tensor, timestep: torch.Tensor, **_: object) -> types.SimpleNamespace:
            return types.SimpleNamespace(sample=model(sample, int(timestep)))

        pipeline = types.SimpleNamespace(
            scheduler=ddim,
            unet=predict,
            freq_filter=getattr(reference, f"{kind}_low_pass_filter")(shape),
            progress_bar=lambda **_: contextlib.nullcontext(types.SimpleNamespace(update=lambda: None)),
        )
        names = {"torch": Double(noises), "self": pipeline, "latents": draw(shape, "first"), "passes": passes, "freq_mix_3d": reference.freq_mix_3d}
        names |= {"num_iters": passes_of, "use_fast_sampling": coarse, "num_inference_steps": steps, "timesteps": ddim.timesteps}
        names |= {"batch_size": 1, "num_videos_per_prompt": 1, "num_channels_latents": 2, "video_length": 6, "height": 4, "width": 5}
        names |= {"device": "cpu", "latents_dtype": torch.float64, "do_classifier_free_guidance": False, "text_embeddings": None}
        names |= {"extra_step_kwargs": {}, "callback": None, "save_intermediate": False, "return_orig": False}
        pipeline.vae_scale_factor = 1
        exec(code, names)  # noqa: S102
        cases.append({"shape": shape, "kind": kind, "coarseToFine": coarse, "steps": steps, "passes": [each.flatten().tolist() for each in passes]})
    return cases


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    torch.set_default_dtype(torch.float64)
    spec = importlib.util.spec_from_file_location("freeinit_utils", root / "freeinit_utils.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    goldens = {
        "madeBy": f"TianxingWu/FreeInit @{COMMIT[:7]}, diffusers 0.35.2",
        "seed": SEED,
        "filters": filters(reference),
        "mixes": mixes(reference),
        "loops": loops(root, reference),
    }
    (TARGET / "freeinit.json").write_text(json.dumps(goldens) + "\n")


if __name__ == "__main__":
    main()
