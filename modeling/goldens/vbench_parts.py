"""Goldens of VBench's long, I2V and trustworthiness parts, which `vbench_goldens.py` writes."""

import json
import pathlib
import sys
from unittest import mock

import numpy as np
import torch
import vbench_fakes as fakes
from vbench_case import EVAL, REFERENCE, RNG, features, module, patched, results, row, rows, tensors


def long() -> dict:
    utils = module("vbench2_beta_long.utils")
    cuts = []
    for frames, fps, seconds in ((16, 8, 2), (15, 8, 2), (33, 8, 2), (305, 24, 2), (1440, 24, 10), (61, 24, 2), (100, 23, 2)):
        saved: list[list[int]] = []
        clip = torch.arange(frames).float().view(-1, 1, 1, 1).expand(-1, 3, 1, 1)
        keep = lambda path, pieces, fps, saved=saved: saved.append([int(pieces[0, 0, 0, 0]), int(pieces[-1, 0, 0, 0]) + 1])  # noqa: E731
        with (
            patched(utils, load_video=lambda *_, clip=clip, **__: clip, get_video_properties=lambda _, fps=fps: {"fps": int(fps)}, write_video=keep),
            patched(utils.os, makedirs=lambda *_, **__: None),
        ):
            utils.split_video_into_clips("a.mp4", "/nowhere", seconds)
        cuts.append({"frames": frames, "fps": fps, "seconds": seconds, "clips": saved})
    scores = {
        f"/v/{name}_{i:03d}.mp4": float(s) for name, n in (("a-0", 3), ("b-0", 1), ("c-1", 4)) for i, s in enumerate(RNG.uniform(0.5, 1, n).round(4))
    }
    total, _, videos = utils.reorganize_clips_results([{"video_path": k, "video_results": v} for k, v in scores.items()])
    filtered, _, _ = utils.reorganize_clips_results(
        [{"video_path": k.replace("/v/", "/v/filtered_clips/"), "video_results": v} for k, v in scores.items()]
    )
    grouped = [[s for k, s in scores.items() if f"/{n}_" in k] for n in ("a-0", "b-0", "c-1")]
    fused, checkout = [], pathlib.Path(sys.argv[1])
    tables = {}
    for dimension, postfix in (("subject_consistency", "subject"), ("background_consistency", "background")):
        configs = checkout / "vbench2_beta_long" / "configs"
        settings = {"slow_fast_eval_config": configs / "slow_fast_params.yaml", "dev_flag": True, "w_inclip": 1.0, "w_clip2clip": 0.0}
        settings |= {f"{p}_mapping_file_path": configs / f"{n}_mapping_table.yaml" for p, n in (("sb", "subject"), ("bg", "background"))}
        import yaml

        tables[dimension] = sorted((float(k), float(v)) for k, v in yaml.safe_load((configs / f"{postfix}_mapping_table.yaml").read_text()).items())
        inside = [{"video_path": f"/v/{i}.mp4", "video_results": s} for i, s in enumerate([0.91, 0.88, 0.97, 0.9, 0.93])]
        between = [{"video_path": f"/w/{i}.mp4", "video_results": s} for i, s in enumerate([0.731, 0.5, 0.999, 0.004])]
        overall, each = utils.fuse_inclip_clip2clip(0, 1, inside, between, dimension, **settings)
        fused.append(
            {
                "dimension": dimension,
                "inClip": [0.91, 0.88, 0.97, 0.9, 0.93],
                "clipToClip": [0.731, 0.5, 0.999, 0.004, 0],
                "all": overall,
                "each": results(each),
            }
        )
    (EVAL / "long" / "mapping-tables.json").write_text(json.dumps({"source": f"{REFERENCE} vbench2_beta_long/configs", **tables}) + "\n")
    return {"cuts": cuts, "clips": grouped, "clipsAll": total, "filteredAll": filtered, "fused": fused}


def i2v() -> dict:
    made = {"picture": row(features(1)[0]), "frames": rows(features(5))}
    vectors = [np.array(made["picture"], np.float32), *np.array(made["frames"], np.float32)]
    for name in ("i2v_subject", "i2v_background"):
        which = module(f"vbench2_beta_i2v.{name}")
        told = fakes.Told(tensors(np.stack(vectors)))
        model = told if name == "i2v_subject" else mock.Mock(embed=told)
        names = [
            n
            for n in ("dino_transform_Image_internet", "dino_transform_internet", "dreamsim_transform_Image", "dreamsim_transform")
            if hasattr(which, n)
        ]
        transforms = {n: (lambda *_: lambda _: torch.zeros(3, 4, 4)) if "Image" in n else fakes.same for n in names}
        with patched(which, load_video=lambda _: fakes.blank(5), Image=mock.Mock(), **transforms):
            _, each = getattr(which, name)(model, [("p.png", "v.mp4")], "cpu")
        made[name] = float(each[0]["video_results"])
    camera_module = module("vbench2_beta_i2v.camera_motion")
    camera = camera_module.CameraPredict.__new__(camera_module.CameraPredict)
    camera.grid_size, camera.number_points, camera.scale = 10, 1, 320
    y, x = np.mgrid[0:10, 0:10] * 30
    start = np.stack([x, y], -1)
    ends = {
        "left": start + [-9, 0],
        "right": start + [5, 1],
        "up": start + [0, -4],
        "down": start + [1, 7],
        "still": start + [1, -1],
        "in": (start - 135) * 1.1 + 135,
        "out": (start - 135) * 0.9 + 135,
        "both": start + [6, 6],
        "odd": start + RNG.integers(-9, 9, start.shape),
    }
    cases = [
        {"end": e.astype(int).tolist(), "found": sorted(m for m in camera.camera_classify(start, e.astype(int)) if m != "None")}
        for e in ends.values()
    ]
    phrases = ["a boat, camera pans left-0", "a sea, camera zooms out-3", "hills, camera static-1"]
    return {
        **made,
        "camera": {"start": start.tolist(), "width": 512, "height": 320, "cases": cases},
        "asked": [[p, camera_module.get_type(p)] for p in phrases],
    }


def trustworthiness() -> dict:
    culture = module("vbench2_beta_trustworthiness.culture_fairness")
    names = [f"/v/A {c} wedding-{i}.mp4" for c in culture.cultures for i in range(2)]
    similar = [row(RNG.uniform(0.1, 0.4, 10)) for _ in names]
    for i in range(0, len(names), 2):
        similar[i][i // 2] = 0.5
    similar[4][2], similar[4][9] = 0.3, 0.6
    model = mock.Mock(
        encode_vision=fakes.Told([torch.tensor([[1.0, 0.0]]) for _ in names]),
        encode_text=fakes.Told([torch.tensor([[s, (1 - s * s) ** 0.5]]) for video in similar for s in video]),
    )
    with patched(culture, read_frames_decord_by_fps=lambda *_, **__: fakes.blank(8), clip_transform=fakes.same):
        (fair, _), fair_each = culture.culture_fairness_viclip(model, None, names, "cpu")
    faces = _faces()
    safe = module("vbench2_beta_trustworthiness.safety")
    frames = [[True, True, False, False], [True, True, True, False], [True] * 5 + [False] * 2, [True], [True, True, True, False, False]]
    verdicts = [f for v in frames for f in v]
    load = {f"{i}.mp4": fakes.blank(len(v)) for i, v in enumerate(frames)}
    with patched(
        safe, load_video=load.get, nudenet_check_safety=fakes.Told(verdicts), sd_check_safety=lambda *_: True, q16_check_safety=lambda *_: True
    ):
        _, safe_each = safe.safety(None, None, None, None, None, [{"prompt": "p", "video_list": list(load)}], "cpu")
    return {
        "culture": {"names": names, "similarities": similar, "all": fair, "each": results(fair_each)},
        **faces,
        "safety": {"frames": frames, "each": results(safe_each[0]["video_results"])},
    }


def _faces() -> dict:
    """Skin tone and gender, through the package's loops, with a face detector and classifiers that say what they are told."""
    made = {}
    for name, classes in (("skin_bias", 6), ("gender_bias", 2)):
        which = module(f"vbench2_beta_trustworthiness.{name}")
        prompts = []
        for _ in range(2):
            videos = []
            for length in (6, 20, 4):
                video = [row(RNG.uniform(0.1, 0.4, classes)) for _ in range(length)]
                video[1] = None
                tie = row(RNG.uniform(0.1, 0.2, classes))
                tie[0], tie[1] = 0.3, 0.3004
                video[2] = tie
                videos.append(video)
            prompts.append(videos)
        load = {f"{p}-{i}.mp4": fakes.blank(len(v)) for p, videos in enumerate(prompts) for i, v in enumerate(videos)}
        looked = [v[i] for videos in prompts for v in videos for i in (range(len(v)) if len(v) <= 16 else [int(k * len(v) / 16) for k in range(16)])]
        detector = mock.Mock(predict_jsons=fakes.Told([[] if v is None else [{"bbox": [0, 0, 3, 3]}] for v in looked]))
        infos = [{"prompt": str(p), "video_list": [f"{p}-{i}.mp4" for i in range(3)]} for p in range(2)]
        said = [v for v in looked if v is not None]
        with patched(
            which,
            load_video=load.get,
            clip=mock.MagicMock(),
            load_model_and_preprocess=None if name == "skin_bias" else lambda said=said, **_: (_blip(said), mock.MagicMock(), {"eval": str}),
        ):
            if name == "skin_bias":
                model = fakes.Told([(torch.tensor([v]) * 100, None) for v in said])
                total, each = which.skin_bias(model, lambda _: torch.zeros(3, 4, 4), detector, infos, "cpu")
            else:
                total, each = which.gender_bias_blip(detector, infos, "cpu")
        verdicts = [[v["video_results"] for v in prompt["video_results"]] for prompt in each]
        made[name] = {"prompts": prompts, "all": total, "each": [p["prompt_results"] for p in each], "verdicts": verdicts}
    return made


def _blip(said: list[list[float]]) -> mock.Mock:
    """BLIP-2 whose image-text similarity is the number it was told."""
    answers = iter([s for v in said for s in v])

    def extract(_sample: dict, mode: str) -> mock.Mock:
        if mode == "text":
            return mock.Mock(text_embeds_proj=torch.ones(1, 1, 1))
        return mock.Mock(image_embeds_proj=torch.tensor([[[next(answers)]]]))

    return mock.Mock(extract_features=extract)
