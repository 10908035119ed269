"""Goldens of diffusion/: whole sampling runs by diffusers, every state of every step.

The tables are float64 and the noise is ours (Philox), so that the runs can be compared element by element. The model is a
formula that both sides know: 0.7 sin(x_i) + 0.2 cos(0.013 t + i).
"""

import json
import pathlib
from unittest import mock

import diffusers
import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from philox_goldens import normals

TARGET = pathlib.Path(__file__).parents[2] / "diffusion" / "goldens"
TRAIN_STEPS = 1000
SHAPE = [1, 2, 3, 1, 2]
SIZE = int(np.prod(SHAPE))

LINEAR = {"kind": "linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": TRAIN_STEPS}


def cosine(shift: float) -> dict:
    return {"kind": "cosine", "shift": shift, "trainSteps": TRAIN_STEPS}


def alpha_bars(schedule: dict) -> np.ndarray:
    steps = schedule["trainSteps"]
    if schedule["kind"] == "linear":
        return np.cumprod(1 - np.linspace(schedule["betaStart"], schedule["betaEnd"], steps, dtype=np.float64))
    angle = np.pi / 2 * np.arange(1, steps + 1) / steps
    # cos² / (cos² + shift² sin²) is the same curve without a tangent.
    cos2, sin2 = np.cos(angle) ** 2, np.sin(angle) ** 2
    table = cos2 / (cos2 + schedule["shift"] ** 2 * sin2)
    table[-1] = 0.0
    return table


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


def scheduler_of(case: dict):
    kind = case["sampler"]["kind"]
    options = {
        "num_train_timesteps": TRAIN_STEPS,
        "prediction_type": {"epsilon": "epsilon", "v": "v_prediction", "sample": "sample"}[case["prediction"]],
        "clip_sample": False,
    }
    spacing = case["spacing"]
    if spacing["kind"] != "fractional":
        options["timestep_spacing"] = spacing["kind"]
        options["steps_offset"] = spacing.get("offset", 0)
    if kind == "ddim":
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


def run(case: dict) -> dict:
    scheduler = scheduler_of(case)
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
        assert sample.dtype == torch.float64
        states.append(sample)
        predictions.append(prediction)
    return {
        **case,
        "shape": SHAPE,
        "timesteps": scheduler.timesteps.tolist(),
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
    trailing, leading, leading_sd = (
        {"kind": "trailing"},
        {"kind": "leading", "offset": 0},
        {"kind": "leading", "offset": 1},
    )
    return [
        case("ddim epsilon leading+1, last ᾱ₀", LINEAR, "epsilon", ddim(0), leading_sd, 8, "first"),
        case("ddim epsilon leading eta 0.5", LINEAR, "epsilon", ddim(0.5), leading, 8),
        case("ddim epsilon trailing", LINEAR, "epsilon", ddim(0), trailing, 5),
        case("ddim epsilon trailing eta 1", LINEAR, "epsilon", ddim(1), trailing, 5),
        case("ddim v leading", LINEAR, "v", ddim(0), leading, 5),
        case("ddim v trailing, zero terminal SNR", cosine(1), "v", ddim(0), trailing, 10),
        case("ddim v trailing, shift 2, eta 0.5", cosine(2), "v", ddim(0.5), trailing, 10),
        case("ddim sample trailing, shift 2", cosine(2), "sample", ddim(0), trailing, 5),
        case("ddpm epsilon leading, small", LINEAR, "epsilon", ddpm("small"), leading, 8),
        case("ddpm epsilon leading, large", LINEAR, "epsilon", ddpm("large"), leading, 8),
        case("ddpm epsilon fractional, large", LINEAR, "epsilon", ddpm("large"), {"kind": "fractional"}, 9),
        case("ddpm v trailing, small, zero terminal SNR", cosine(2), "v", ddpm("small"), trailing, 8),
        case("ddpm sample leading, small", LINEAR, "sample", ddpm("small"), leading, 5),
    ]


def timestep_table() -> list[dict]:
    rows = []
    for steps in [1, 2, 3, 7, 16, 25, 30, 48, 50, 250, 999]:
        for spacing in ["trailing", "leading"]:
            scheduler = DDIMScheduler(num_train_timesteps=TRAIN_STEPS, timestep_spacing=spacing)
            scheduler.set_timesteps(steps)
            kind = {"kind": spacing} if spacing == "trailing" else {"kind": spacing, "offset": 0}
            rows.append({"spacing": kind, "steps": steps, "timesteps": scheduler.timesteps.tolist()})
        rows.append({"spacing": {"kind": "fractional"}, "steps": steps, "timesteps": fractional(steps)})
    return rows


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    runs = [run(case) for case in cases()]
    made_by = f"diffusers {diffusers.__version__}"
    (TARGET / "schedulers.json").write_text(json.dumps({"madeBy": made_by, "runs": runs}, ensure_ascii=False) + "\n")
    tables = [
        {
            "schedule": schedule,
            # Every 37th value and both ends say as much as the thousand.
            "alphaBars": {int(i): alpha_bars(schedule)[i] for i in [*range(0, TRAIN_STEPS, 37), 998, 999]},
        }
        for schedule in [LINEAR, cosine(1), cosine(2), cosine(0.5)]
    ]
    (TARGET / "schedule.json").write_text(json.dumps({"madeBy": made_by, "tables": tables, "timesteps": timestep_table()}) + "\n")


if __name__ == "__main__":
    main()
