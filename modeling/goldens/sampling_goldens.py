"""Goldens of diffusion/: sampling runs by the code of the model families themselves, every state of every step.

Run it with copies of the repositories, at the commits that COMMITS names:

    python modeling/goldens/sampling_goldens.py --lavie DIR --seine DIR --venhancer DIR

Tables are float64 and the noise is ours (Philox), as in scheduler_goldens.py, whose model formula is used here too.
"""

import argparse
import importlib.util
import json
import logging
import pathlib
import sys
import types
from unittest import mock

import torch
from scheduler_goldens import LINEAR, SHAPE, TARGET, TRAIN_STEPS, draw, model

COMMITS = {
    "lavie": "Vchitect/LaVie 6ce851e",
    "seine": "Vchitect/SEINE bd8d519",
    "venhancer": "ueoo/VEnhancer f03c69c",
}
VENHANCER = {
    "kind": "logsnr-cosine",
    "logSnrMin": -15,
    "logSnrMax": 15,
    "shiftStart": 2,
    "shiftEnd": 4,
    "trainSteps": TRAIN_STEPS,
    "zeroTerminalSnr": True,
}


def package(name: str, folder: pathlib.Path):
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def in_float64():
    """The references round tables and levels to float32 on the way; the goldens shall not."""
    stack = mock.patch.object(torch.Tensor, "float", torch.Tensor.double), mock.patch.object(torch, "float32", torch.float64)
    return stack


def written(case: dict, timesteps: list, states: list, predictions: list) -> dict:
    assert all(state.dtype == torch.float64 and state.isfinite().all() for state in states), case["name"]
    return {
        **case,
        "shape": SHAPE,
        "timesteps": timesteps,
        "states": [state.reshape(-1).tolist() for state in states],
        "predictions": [prediction.reshape(-1).tolist() for prediction in predictions],
    }


def respaced(code, name: str, steps: int, sampler: dict, learned: bool) -> dict:
    """OpenAI's respaced diffusion, which LaVie's interpolation, SEINE and Latte share."""
    case = {
        "name": name,
        "schedule": LINEAR,
        "prediction": "epsilon",
        "sampler": sampler,
        "spacing": {"kind": "fractional"},
        "steps": steps,
        "lastAlphaBar": "one",
        "random": {"seed": 4321 + steps, "stream": name},
    }
    small = sampler.get("variance") == "small"
    diffusion = code.create_diffusion(str(steps), sigma_small=small, learn_sigma=learned)
    timesteps = diffusion.timestep_map[::-1]
    sample = draw(case["random"], 0)
    states, predictions = [sample], []

    def predict(x, t, **_):
        prediction = model(x, t.item())
        # LaVie's code calls the model twice per step and keeps one answer.
        predictions[len(states) - 1 :] = [prediction]
        # A learned variance comes behind the prediction, on the axis that this code calls channels.
        return torch.cat([prediction, torch.sin(prediction)], 2) if learned else prediction

    step = diffusion.ddim_sample if sampler["kind"] == "ddim" else diffusion.p_sample
    floats, dtypes = in_float64()
    with floats, dtypes:
        for done in range(1, steps + 1):
            noise = draw(case["random"], done)
            with mock.patch.object(torch, "randn_like", return_value=noise):
                options = {"eta": sampler["eta"]} if sampler["kind"] == "ddim" else {}
                sample = step(predict, sample, torch.tensor([steps - done]), clip_denoised=False, **options)["sample"]
            states.append(sample)
    return written(case, timesteps, states, predictions)


def venhancer_code(folder: pathlib.Path):
    """VEnhancer's solver without the packages it would pull in; its Brownian tree is replaced by our noise below."""
    for name in ["torchsde", "video_to_video", "video_to_video.utils", "video_to_video.utils.logger"]:
        sys.modules[name] = types.ModuleType(name)
    sys.modules["torchsde"].BrownianTree = None
    sys.modules["video_to_video.utils.logger"].get_logger = lambda: logging.getLogger("venhancer")
    package("video_to_video.diffusion", folder / "video_to_video" / "diffusion")
    from video_to_video.diffusion import diffusion_sdedit, schedules_sdedit, solvers_sdedit

    return diffusion_sdedit, schedules_sdedit, solvers_sdedit


def enhance(code, name: str, steps: int, mode: str) -> dict:
    """The v-predicting SDE solver from timestep 899 in variance-exploding space, states divided by √(1 + σ²)."""
    diffusion_sdedit, schedules, solvers = code
    random = {"seed": 77 + steps, "stream": name}
    levels = schedules.noise_schedule(schedule="logsnr_cosine_interp", n=TRAIN_STEPS, zero_terminal_snr=True, scale_min=2.0, scale_max=4.0)
    diffusion = diffusion_sdedit.GaussianDiffusion(sigmas=levels)
    start = draw(random, 0)
    states, predictions, timesteps, sigmas = [], [], [], []

    def predict(x, t, **_):
        states.append(x)
        timesteps.append(t.item())
        predictions.append(model(x, t.item()))
        return predictions[-1]

    class OurNoise:
        def __init__(self, *_):
            self.drawn = 0

        def __call__(self, *_):
            self.drawn += 1
            return draw(random, self.drawn)

    def remember(noise, fn, all_sigmas, **options):
        sigmas.extend(all_sigmas.tolist())
        return solvers.sample_dpmpp_2m_sde(noise, fn, all_sigmas, **options)

    floats, dtypes = in_float64()
    ours = mock.patch.object(solvers, "BrownianTreeNoiseSampler", OurNoise)
    with floats, dtypes, ours, mock.patch.object(diffusion_sdedit, "sample_dpmpp_2m_sde", remember):
        end = diffusion.sample(
            noise=start,
            model=predict,
            model_kwargs=[{}, {}, {}, {"mask_cond": None}, {}, {}],
            guide_scale=1.0,
            solver="dpmpp_2m_sde",
            solver_mode=mode,
            steps=steps,
            t_max=899,
            t_min=0,
            discretization="trailing",
        )
    return {
        "start": start.reshape(-1).tolist(),
        "steps": "fast" if mode == "fast" else steps,
        "sigmas": sigmas,
        **written(
            {"name": name, "schedule": VENHANCER, "random": random},
            timesteps,
            [*states, end],
            predictions,
        ),
    }


def venhancer_tables(code) -> list[dict]:
    _, schedules, _ = code
    tables = []
    for zero in [True, False]:
        levels = schedules.noise_schedule(n=TRAIN_STEPS, zero_terminal_snr=zero, scale_min=2.0, scale_max=4.0)
        table = (1 - levels**2).tolist()
        schedule = VENHANCER if zero else {**VENHANCER, "zeroTerminalSnr": False}
        tables.append({"schedule": schedule, "alphaBars": {i: table[i] for i in [*range(0, TRAIN_STEPS, 37), 998, 999]}})
    return tables


def main() -> None:
    parser = argparse.ArgumentParser()
    for family in COMMITS:
        parser.add_argument(f"--{family}", type=pathlib.Path, required=True)
    folders = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    lavie = package("lavie_diffusion", folders.lavie / "interpolation" / "diffusion")
    seine = package("seine_diffusion", folders.seine / "diffusion")
    venhancer = venhancer_code(folders.venhancer)
    runs = [
        respaced(lavie, "lavie interpolation, ddim 12", 12, {"kind": "ddim", "eta": 0}, False),
        respaced(seine, "seine, ddpm 16, fixed large", 16, {"kind": "ddpm", "variance": "large"}, False),
        respaced(seine, "seine, ddpm 7, fixed small", 7, {"kind": "ddpm", "variance": "small"}, False),
        respaced(seine, "learned range dropped, ddim 9, eta 1", 9, {"kind": "ddim", "eta": 1}, True),
    ]
    golden = {
        "madeBy": COMMITS,
        "timesteps": {str(n): sorted(lavie.space_timesteps(TRAIN_STEPS, str(n)), reverse=True) for n in [50, 250]},
        "runs": runs,
        "enhancer": [enhance(venhancer, "venhancer fast", 15, "fast"), enhance(venhancer, "venhancer normal", 6, "normal")],
        "tables": venhancer_tables(venhancer),
    }
    (TARGET / "families.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
