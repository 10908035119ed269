"""Goldens of diffusion/: whole sampling runs by diffusers, every state of every step.

The tables are float64 and the noise is ours (Philox), so that the runs can be compared element by element. The model is a
formula that both sides know: 0.7 sin(x_i) + 0.2 cos(0.013 t + i).
"""

import ast
import json
import pathlib
from unittest import mock

import diffusers
import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    UniPCMultistepScheduler,
)
from diffusers.schedulers.scheduling_ddim import betas_for_alpha_bar, rescale_zero_terminal_snr
from philox_goldens import normals

TARGET = pathlib.Path(__file__).parents[2] / "diffusion" / "goldens"
TRAIN_STEPS = 1000
SHAPE = [1, 2, 3, 1, 2]
SIZE = int(np.prod(SHAPE))

LINEAR = {"kind": "linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": TRAIN_STEPS}
SCALED = {"kind": "scaled-linear", "betaStart": 0.00085, "betaEnd": 0.012, "trainSteps": TRAIN_STEPS}
SQUARED = {"kind": "squared-cosine", "maxBeta": 0.999, "trainSteps": TRAIN_STEPS}
SCALED_ZERO = {**SCALED, "zeroTerminalSnr": True}


def cosine(shift: float) -> dict:
    return {"kind": "cosine", "shift": shift, "trainSteps": TRAIN_STEPS}


def alpha_bars(schedule: dict) -> np.ndarray:
    steps = schedule["trainSteps"]
    if schedule["kind"] == "cosine":
        angle = np.pi / 2 * np.arange(1, steps + 1) / steps
        # cos² / (cos² + shift² sin²) is the same curve without a tangent.
        cos2, sin2 = np.cos(angle) ** 2, np.sin(angle) ** 2
        table = cos2 / (cos2 + schedule["shift"] ** 2 * sin2)
        table[-1] = 0.0
        return table
    start, end = schedule.get("betaStart"), schedule.get("betaEnd")
    if schedule["kind"] == "linear":
        betas = torch.linspace(start, end, steps)
    elif schedule["kind"] == "scaled-linear":
        betas = torch.linspace(start**0.5, end**0.5, steps) ** 2
    else:
        # The list that diffusers builds is float64; its tensor is not.
        with mock.patch.object(torch, "float32", torch.float64):
            betas = betas_for_alpha_bar(steps, schedule["maxBeta"])
    if schedule.get("zeroTerminalSnr"):
        betas = rescale_zero_terminal_snr(betas)
    return torch.cumprod(1 - betas, 0).numpy()


def fractional(steps: int) -> list[int]:
    """OpenAI's respacing: a fractional stride, added up, each sum rounded as Python rounds."""
    stride = (TRAIN_STEPS - 1) / (steps - 1) if steps > 1 else 1
    position, taken = 0.0, []
    for _ in range(steps):
        taken.append(round(position))
        position += stride
    return taken[::-1]


def model(sample: torch.Tensor, timestep: int) -> torch.Tensor:
    index = torch.arange(SIZE, dtype=torch.float64).reshape(SHAPE)
    return 0.7 * torch.sin(sample) + 0.2 * torch.cos(0.013 * timestep + index)


def draw(random: dict, step: int) -> torch.Tensor:
    values = normals(random["seed"], random["stream"], step, SIZE)
    return torch.tensor(values, dtype=torch.float64).reshape(SHAPE)


PREDICTIONS = {"epsilon": "epsilon", "v": "v_prediction", "sample": "sample"}


def one_step_scheduler(case: dict):
    """DDIM or DDPM."""
    spacing = case["spacing"]
    options = {"num_train_timesteps": TRAIN_STEPS, "prediction_type": PREDICTIONS[case["prediction"]], "clip_sample": False}
    if spacing["kind"] != "fractional":
        options["timestep_spacing"] = spacing["kind"]
        options["steps_offset"] = spacing.get("offset", 0)
    if case["sampler"]["kind"] == "ddim":
        scheduler = DDIMScheduler(**options, set_alpha_to_one=case["lastAlphaBar"] == "one", rescale_betas_zero_snr=False)
    else:
        scheduler = DDPMScheduler(**options, variance_type=f"fixed_{case['sampler']['variance']}")
    table = torch.from_numpy(alpha_bars(case["schedule"]))
    scheduler.alphas_cumprod = table
    scheduler.one = torch.tensor(1.0, dtype=torch.float64)
    scheduler.final_alpha_cumprod = scheduler.one if case["lastAlphaBar"] == "one" else table[0]
    if spacing["kind"] == "fractional":
        scheduler.set_timesteps(timesteps=fractional(case["steps"]))
    else:
        scheduler.set_timesteps(case["steps"])
    return scheduler


def finite_signal(sigma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Signal and noise of a noise level that may be infinite, where the reference would divide infinity by itself."""
    alpha = 1 / torch.sqrt(1 + sigma**2)
    return alpha, torch.sqrt(1 - alpha**2)


def sigma_scheduler(case: dict):
    """Euler, DPM-Solver++ or UniPC, with noise levels in float64."""
    kind, spacing = case["sampler"]["kind"], case["spacing"]
    options = {
        "num_train_timesteps": TRAIN_STEPS,
        "prediction_type": PREDICTIONS[case["prediction"]],
        "timestep_spacing": spacing["kind"],
        "steps_offset": spacing.get("offset", 0),
    }
    final = {"final_sigmas_type": "zero" if case["lastAlphaBar"] == "one" else "sigma_min"}
    if kind == "euler":
        scheduler = EulerDiscreteScheduler(**options, **final)
    elif kind == "euler-ancestral":
        scheduler = EulerAncestralDiscreteScheduler(**options)
    elif kind == "unipc":
        scheduler = UniPCMultistepScheduler(**options, **final)
    else:
        algorithm = {"dpmpp-2m": "dpmsolver++", "dpmpp-2m-sde": "sde-dpmsolver++"}[kind]
        solver = case["sampler"].get("solver", "midpoint")
        scheduler = DPMSolverMultistepScheduler(**options, **final, algorithm_type=algorithm, solver_type=solver)
    scheduler.set_timesteps(case["steps"])
    table = alpha_bars(case["schedule"])
    places = np.linspace(0, TRAIN_STEPS - 1, case["steps"])[::-1] if spacing.get("between") else scheduler.timesteps.numpy()
    with np.errstate(divide="ignore"):
        levels = np.sqrt((1 - table) / table)
    last = 0.0 if case["lastAlphaBar"] == "one" else levels[0]
    scheduler.sigmas = torch.from_numpy(np.append(np.interp(places, np.arange(TRAIN_STEPS), levels), last))
    if not kind.startswith("euler"):
        scheduler._sigma_to_alpha_sigma_t = finite_signal
    return scheduler


def run(case: dict) -> dict:
    return (run_one_step if case["sampler"]["kind"] in ("ddim", "ddpm") else run_sigma)(case)


def run_one_step(case: dict) -> dict:
    scheduler = one_step_scheduler(case)
    sample = draw(case["random"], 0)
    states, predictions = [sample], []
    for done, timestep in enumerate(scheduler.timesteps.tolist(), start=1):
        prediction = model(sample, timestep)
        noise = draw(case["random"], done)
        if case["sampler"]["kind"] == "ddim":
            eta = case["sampler"]["eta"]
            step = scheduler.step(prediction, timestep, sample, eta=eta, variance_noise=noise if eta > 0 else None)
        else:
            with mock.patch("diffusers.schedulers.scheduling_ddpm.randn_tensor", return_value=noise):
                step = scheduler.step(prediction, timestep, sample)
        sample = step.prev_sample
        states.append(sample)
        predictions.append(prediction)
    return written(case, scheduler.timesteps.tolist(), states, predictions)


def run_sigma(case: dict) -> dict:
    scheduler = sigma_scheduler(case)
    kind = case["sampler"]["kind"]
    # Euler holds x / √ᾱ; states are written in the scaling of unit variance.
    scales = torch.sqrt(1 + scheduler.sigmas**2) if kind.startswith("euler") else torch.ones_like(scheduler.sigmas)
    start = draw(case["random"], 0)
    sample = start * scales[0]
    states, predictions, timesteps = [start], [], []
    for done, timestep in enumerate(scheduler.timesteps, start=1):
        timesteps.append(round(timestep.item()))
        prediction = model(sample / scales[done - 1], timesteps[-1])
        noise = draw(case["random"], done)
        # The references round samples to float32 on the way; the goldens shall not.
        with mock.patch.object(torch, "float32", torch.float64):
            if kind == "euler-ancestral":
                scheduler.scale_model_input(sample, timestep)
                with mock.patch("diffusers.schedulers.scheduling_euler_ancestral_discrete.randn_tensor", return_value=noise):
                    sample = scheduler.step(prediction, timestep, sample).prev_sample
            elif kind == "euler":
                scheduler.scale_model_input(sample, timestep)
                sample = scheduler.step(prediction, timestep, sample).prev_sample
            elif kind == "dpmpp-2m-sde":
                sample = scheduler.step(prediction, timestep, sample, variance_noise=noise).prev_sample
            else:
                sample = scheduler.step(prediction, timestep, sample).prev_sample
        states.append(sample / scales[done])
        predictions.append(prediction)
    return written(case, timesteps, states, predictions)


def written(case: dict, timesteps: list[int], states: list, predictions: list) -> dict:
    assert all(state.dtype == torch.float64 and state.isfinite().all() for state in states), case["name"]
    return {
        **case,
        "shape": SHAPE,
        "timesteps": timesteps,
        "states": [state.reshape(-1).tolist() for state in states],
        "predictions": [prediction.reshape(-1).tolist() for prediction in predictions],
    }


def cases() -> list[dict]:
    def case(name, schedule, prediction, sampler, spacing, steps, last="one"):
        return {
            "name": name,
            "schedule": schedule,
            "prediction": prediction,
            "sampler": sampler,
            "spacing": spacing,
            "steps": steps,
            "lastAlphaBar": last,
            "random": {"seed": 1234 + steps, "stream": name},
        }

    ddim, ddpm = (lambda eta: {"kind": "ddim", "eta": eta}), (lambda variance: {"kind": "ddpm", "variance": variance})
    euler, ancestral = {"kind": "euler"}, {"kind": "euler-ancestral"}
    solver, unipc = {"kind": "dpmpp-2m"}, {"kind": "unipc"}
    sde = lambda kind: {"kind": "dpmpp-2m-sde", "eta": 1, "solver": kind}  # noqa: E731
    trailing, leading, leading_sd = (
        {"kind": "trailing"},
        {"kind": "leading", "offset": 0},
        {"kind": "leading", "offset": 1},
    )
    linspace, between = {"kind": "linspace", "spare": 1}, {"kind": "linspace", "between": True}
    leading_spare = {"kind": "leading", "offset": 1, "spare": 1}
    return [
        case("ddim epsilon leading+1, last ᾱ₀", LINEAR, "epsilon", ddim(0), leading_sd, 8, "first"),
        case("ddim epsilon leading eta 0.5", LINEAR, "epsilon", ddim(0.5), leading, 8),
        case("ddim epsilon trailing", LINEAR, "epsilon", ddim(0), trailing, 5),
        case("ddim epsilon trailing eta 1", LINEAR, "epsilon", ddim(1), trailing, 5),
        case("ddim v leading", LINEAR, "v", ddim(0), leading, 5),
        case("ddim v trailing, zero terminal SNR", cosine(1), "v", ddim(0), trailing, 10),
        case("ddim v trailing, shift 2, eta 0.5", cosine(2), "v", ddim(0.5), trailing, 10),
        case("ddim sample trailing, shift 2", cosine(2), "sample", ddim(0), trailing, 5),
        case("ddim epsilon leading+1, scaled linear", SCALED, "epsilon", ddim(0), leading_sd, 8, "first"),
        case("ddim v trailing, scaled linear to zero terminal SNR", SCALED_ZERO, "v", ddim(0), trailing, 8),
        case("ddim epsilon leading, squared cosine", SQUARED, "epsilon", ddim(0), leading, 8),
        case("ddpm epsilon leading, small", LINEAR, "epsilon", ddpm("small"), leading, 8),
        case("ddpm epsilon leading, large", LINEAR, "epsilon", ddpm("large"), leading, 8),
        case("ddpm epsilon fractional, large", LINEAR, "epsilon", ddpm("large"), {"kind": "fractional"}, 9),
        case("ddpm v trailing, small, zero terminal SNR", cosine(2), "v", ddpm("small"), trailing, 8),
        case("ddpm sample leading, small", LINEAR, "sample", ddpm("small"), leading, 5),
        case("euler epsilon linspace between timesteps", LINEAR, "epsilon", euler, between, 10),
        case("euler epsilon leading+1, scaled linear", SCALED, "epsilon", euler, leading_sd, 8),
        case("euler v trailing", LINEAR, "v", euler, trailing, 6),
        case("euler sample linspace between timesteps", SCALED, "sample", euler, between, 7),
        case("euler v trailing, last ᾱ₀", SCALED, "v", euler, trailing, 6, "first"),
        case("euler ancestral epsilon linspace between timesteps", LINEAR, "epsilon", ancestral, between, 10),
        case("euler ancestral v trailing", SCALED, "v", ancestral, trailing, 6),
        case("dpmpp-2m epsilon linspace", LINEAR, "epsilon", solver, linspace, 10),
        case("dpmpp-2m epsilon leading+1, scaled linear", SCALED, "epsilon", solver, leading_spare, 12),
        case("dpmpp-2m epsilon trailing, 20 steps, last ᾱ₀", SCALED, "epsilon", solver, trailing, 20, "first"),
        case("dpmpp-2m epsilon leading+1, 14 steps, last ᾱ₀", SCALED, "epsilon", solver, leading_spare, 14, "first"),
        case("dpmpp-2m epsilon trailing, 15 steps, last ᾱ₀", SCALED, "epsilon", solver, trailing, 15, "first"),
        case("dpmpp-2m v trailing, zero terminal SNR", cosine(2), "v", solver, trailing, 8),
        case("dpmpp-2m sample trailing, squared cosine", SQUARED, "sample", solver, leading_spare, 8),
        case("dpmpp-2m-sde epsilon linspace", LINEAR, "epsilon", sde("midpoint"), linspace, 10),
        case("dpmpp-2m-sde epsilon heun, scaled linear", SCALED, "epsilon", sde("heun"), leading_spare, 10),
        case("dpmpp-2m-sde v trailing, zero terminal SNR", cosine(2), "v", sde("midpoint"), trailing, 8),
        case("dpmpp-2m-sde sample trailing, 16 steps, last ᾱ₀", SCALED, "sample", sde("midpoint"), trailing, 16, "first"),
        case("dpmpp-2m-sde sample trailing, 14 steps, last ᾱ₀", SCALED, "sample", sde("midpoint"), trailing, 14, "first"),
        case("unipc epsilon linspace", LINEAR, "epsilon", unipc, linspace, 10),
        case("unipc epsilon leading+1, scaled linear", SCALED, "epsilon", unipc, leading_spare, 12),
        case("unipc v trailing, zero terminal SNR", cosine(2), "v", unipc, trailing, 8),
        case("unipc sample trailing, last ᾱ₀", SCALED, "sample", unipc, trailing, 16, "first"),
        case("unipc epsilon trailing, 14 steps, last ᾱ₀", SCALED, "epsilon", unipc, trailing, 14, "first"),
        case("unipc v trailing, two steps", LINEAR, "v", unipc, trailing, 2),
        case("unipc v trailing, one step", LINEAR, "v", unipc, trailing, 1),
    ]


def timestep_table() -> list[dict]:
    rows = []

    def row(spacing: dict, steps: int, timesteps: list) -> None:
        rows.append({"spacing": spacing, "steps": steps, "timesteps": timesteps})

    for steps in [1, 2, 3, 7, 16, 25, 30, 48, 50, 250, 999]:
        for spacing in ["trailing", "leading", "linspace"]:
            scheduler = DDIMScheduler(num_train_timesteps=TRAIN_STEPS, timestep_spacing=spacing)
            scheduler.set_timesteps(steps)
            kind = {"kind": spacing, "offset": 0} if spacing == "leading" else {"kind": spacing}
            # A single point of NumPy's linspace is its start.
            row(kind, steps, scheduler.timesteps.tolist())
        row({"kind": "fractional"}, steps, fractional(steps))
        if steps < 500:
            for spacing in ["leading", "linspace"]:
                scheduler = UniPCMultistepScheduler(num_train_timesteps=TRAIN_STEPS, timestep_spacing=spacing)
                scheduler.set_timesteps(steps)
                kind = {"kind": spacing, "offset": 0} if spacing == "leading" else {"kind": spacing}
                row({**kind, "spare": 1}, steps, scheduler.timesteps.tolist())
    return rows


def reference_function(module_file: str, name: str):
    """One function of a diffusers file whose imports (transformers …) are not here."""
    source = (pathlib.Path(diffusers.__file__).parent / module_file).read_text()
    found = next(node for node in ast.parse(source).body if getattr(node, "name", None) == name)
    scope: dict = {"torch": torch}
    exec(ast.unparse(found), scope)  # noqa: S102
    return scope[name]


def guidance_cases() -> list[dict]:
    rescale_noise_cfg = reference_function("pipelines/stable_diffusion/pipeline_stable_diffusion.py", "rescale_noise_cfg")
    rows = []
    for scale, rescale in [(7.5, 0.0), (7.5, 0.2), (3.0, 0.7), (12.0, 1.0)]:
        random = {"seed": 5, "stream": f"guidance {scale} {rescale}"}
        negative, positive = draw(random, 1), draw(random, 2) * 0.8 + 0.1
        guided = rescale_noise_cfg(negative + scale * (positive - negative), positive, rescale)
        values = {"negative": negative, "positive": positive, "guided": guided}
        rows.append({"scale": scale, "rescale": rescale, **{name: value.reshape(-1).tolist() for name, value in values.items()}})
    return rows


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    torch.set_default_dtype(torch.float64)
    runs = [run(case) for case in cases()]
    made_by = f"diffusers {diffusers.__version__}"
    (TARGET / "schedulers.json").write_text(json.dumps({"madeBy": made_by, "runs": runs}, ensure_ascii=False) + "\n")
    (TARGET / "guidance.json").write_text(json.dumps({"madeBy": made_by, "cases": guidance_cases()}) + "\n")
    tables = [
        {
            "schedule": schedule,
            # Every 37th value and both ends say as much as the thousand.
            "alphaBars": {int(i): alpha_bars(schedule)[i] for i in [*range(0, TRAIN_STEPS, 37), 998, 999]},
        }
        for schedule in [LINEAR, SCALED, {**LINEAR, "zeroTerminalSnr": True}, SCALED_ZERO, SQUARED, cosine(1), cosine(2), cosine(0.5)]
    ]
    (TARGET / "schedule.json").write_text(json.dumps({"madeBy": made_by, "tables": tables, "timesteps": timestep_table()}) + "\n")


if __name__ == "__main__":
    main()
