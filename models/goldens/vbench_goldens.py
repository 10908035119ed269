"""Goldens of eval/: the vbench package's own functions on features, detections and frames that are written beside the result.

git clone https://github.com/Vchitect/VBench && git -C VBench checkout 45e79ec14e69a2187202c675d2dbce1a71843d53
.goldens/bin/pip install --no-deps -r models/goldens/vbench_requirements.txt
.goldens/bin/python models/goldens/vbench_goldens.py VBench
"""

import importlib
import json
import pathlib
import sys
from contextlib import ExitStack
from unittest import mock

import numpy as np
import torch
import vbench_fakes as fakes

EVAL = pathlib.Path(__file__).parents[2] / "eval"
REFERENCE = "Vchitect/VBench 45e79ec14e69a2187202c675d2dbce1a71843d53"
RNG = np.random.default_rng(20261122)


def module(name: str):  # noqa: ANN201
    return importlib.import_module(name)


def patched(target, **names):  # noqa: ANN001, ANN003, ANN201
    stack = ExitStack()
    for name, value in names.items():
        stack.enter_context(mock.patch.object(target, name, value))
    return stack


def features(count: int, width: int = 6) -> np.ndarray:
    """Vectors that resemble each other, with one that points away."""
    made = RNG.normal(size=width) + 0.8 * RNG.normal(size=(count, width))
    if count > 3:
        made[2] = -made[0]
    return made.round(4).astype(np.float32)


def row(values: np.ndarray) -> list:
    """Floats as they were written: four digits."""
    return [round(float(v), 4) for v in values]


def rows(values: np.ndarray) -> list:
    return [row(v) for v in values]


def results(made: list[dict]) -> list:
    return [float(each["video_results"]) for each in made]


def tensors(values: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(v).unsqueeze(0) for v in values]


def frame_consistency() -> dict:
    videos = [features(n) for n in (5, 4, 2)]
    names = [f"{i}.mp4" for i in range(len(videos))]
    load = {n: fakes.blank(len(v)) for n, v in zip(names, videos, strict=True)}
    subject, background = module("vbench.subject_consistency"), module("vbench.background_consistency")
    with patched(subject, load_video=load.get, dino_transform=fakes.same):
        s_all, s_each = subject.subject_consistency(fakes.Told([t for v in videos for t in tensors(v)]), names, "cpu", False)
    encoder = mock.Mock(encode_image=fakes.Told([torch.from_numpy(v) for v in videos]))
    with patched(background, load_video=load.get, clip_transform=fakes.same):
        b_all, b_each = background.background_consistency(encoder, None, names, "cpu", False)
    return {
        "videos": [rows(v) for v in videos],
        "subject": {"all": s_all, "each": results(s_each)},
        "background": {"all": b_all, "each": results(b_each)},
    }


def movie(frames: int, fps: float, height: int = 16, width: int = 16) -> tuple[list[np.ndarray], float]:
    return [RNG.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(frames)], fps


def temporal_flickering() -> dict:
    flicker = module("vbench.temporal_flickering")
    fakes.Film.films = {f"{i}.mp4": movie(n, 8, 2, 3) for i, n in enumerate((2, 5))}
    with patched(flicker.cv2, VideoCapture=fakes.Film):
        total, each = flicker.temporal_flickering(list(fakes.Film.films))
    return {"videos": [[f.flatten().tolist() for f in v] for v, _ in fakes.Film.films.values()], "all": float(total), "each": results(each)}


def motion_smoothness() -> dict:
    smooth = module("vbench.motion_smoothness")
    fakes.Film.films = {f"{i}.mp4": movie(n, 8, 8, 8) for i, n in enumerate((5, 6, 3))}
    motion = smooth.MotionSmoothness.__new__(smooth.MotionSmoothness)
    motion.device, motion.niters = "cpu", 1
    motion.initialization()
    motion.model = lambda a, b, *_, **__: {"imgt_pred": 0.3 * a + 0.7 * b}
    made = []
    score = motion.vfi_score
    motion.vfi_score = lambda real, outputs: (made.append(outputs[1::2]), score(real, outputs))[1]
    with patched(smooth.cv2, VideoCapture=fakes.Film):
        total, each = smooth.motion_smoothness(motion, list(fakes.Film.films))
    # Colours are swapped on the way in; the order of channels does not change a mean, as long as both sides share it.
    videos = [[f[:, :, ::-1].flatten().tolist() for f in v] for v, _ in fakes.Film.films.values()]
    return {"videos": videos, "interpolated": [[f.flatten().tolist() for f in v] for v in made], "all": float(total), "each": results(each)}


def dynamic_degree() -> dict:
    degree = module("vbench.dynamic_degree")
    dynamic = degree.DynamicDegree.__new__(degree.DynamicDegree)
    dynamic.device = "cpu"
    cases = []
    for frames, fps, scale in ((16, 8, 0.11), (16, 8, 0.2), (61, 24, 0.2), (40, 30, 0.17), (9, 12, 0.16), (2, 8, 0), (5, 20, 0.3)):
        fakes.Film.films = {"a.mp4": movie(frames, fps)}
        strengths: list[float] = []

        def flow(image, *_, scale=scale, **__):  # noqa: ANN001, ANN002, ANN003, ANN202
            return None, torch.from_numpy(RNG.normal(size=(1, 2, *image.shape[-2:])) * scale).float()

        def spied(image, field, strengths=strengths):  # noqa: ANN001, ANN202
            strengths.append(degree.DynamicDegree.get_score(dynamic, image, field))
            return strengths[-1]

        dynamic.model, dynamic.get_score = flow, spied
        with patched(degree.cv2, VideoCapture=fakes.Film):
            moves = dynamic.infer("a.mp4")
            dynamic.fps = fps
        cases.append({"frames": frames, "fps": fps, "size": 16, "strengths": strengths, "moves": bool(moves)})
    del dynamic.get_score
    field = (RNG.normal(size=(1, 2, 9, 11)) * 3).round(3).astype(np.float32)
    strongest = degree.DynamicDegree.get_score(dynamic, torch.zeros(1, 3, 9, 11), torch.from_numpy(field))
    return {
        "cases": cases,
        "flow": {"width": 11, "height": 9, "u": row(field[0, 0].flatten()), "v": row(field[0, 1].flatten()), "strength": float(strongest)},
    }


def static_filter() -> dict:
    static = module("static_filter")
    keep = static.StaticFilter.__new__(static.StaticFilter)
    cases = []
    for frames, scale in ((16, 0.1), (16, 0.2), (8, 0.22), (61, 0.18), (24, 0.3), (16, 0.21)):
        keep.set_params(torch.zeros(1, 3, 16, 24), frames)
        strengths = np.abs(RNG.normal(size=frames + 1) * scale).round(4).tolist()
        cases.append({"strengths": strengths, "width": 24, "height": 16, "static": bool(keep.check_static(strengths))})
    field = (RNG.normal(size=(1, 2, 13, 11)) * 3).round(3).astype(np.float32)
    strongest = keep.get_score(torch.zeros(1, 3, 13, 11), torch.from_numpy(field))
    return {
        "cases": cases,
        "flow": {"width": 11, "height": 13, "u": row(field[0, 0].flatten()), "v": row(field[0, 1].flatten()), "strength": float(strongest)},
    }


def aesthetic_quality() -> dict:
    aesthetic = module("vbench.aesthetic_quality")
    videos = [features(n) for n in (3, 4)]
    head = torch.nn.Linear(6, 1)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(RNG.normal(size=(1, 6)).round(4)))
        head.bias.fill_(5.25)
    encoder = mock.Mock(encode_image=fakes.Told([torch.from_numpy(v) for v in videos]))
    load = {f"{i}.mp4": fakes.blank(len(v)) for i, v in enumerate(videos)}
    with patched(aesthetic, load_video=load.get, clip_transform=fakes.same):
        total, each = aesthetic.laion_aesthetic(head, encoder, list(load), "cpu")
    return {"videos": [rows(v) for v in videos], "head": {"weight": row(head.weight[0].detach()), "bias": 5.25}, "all": total, "each": results(each)}


def imaging_quality() -> dict:
    imaging = module("vbench.imaging_quality")
    scores = [row(RNG.uniform(20, 90, n)) for n in (3, 5)]
    load = {f"{i}.mp4": fakes.blank(len(v)) for i, v in enumerate(scores)}
    with patched(imaging, load_video=load.get):
        total, each = imaging.technical_quality(fakes.Told([s for v in scores for s in v]), list(load), "cpu")
    sizes = [(320, 512), (2160, 3840), (720, 405), (512, 513), (64, 64)]
    made = [list(imaging.transform(torch.zeros(1, 3, *size), "longer").shape[-2:]) for size in sizes]
    return {
        "scores": scores,
        "all": total,
        "each": [v / 100 for v in results(each)],
        "sizes": [{"from": list(a), "to": b} for a, b in zip(sizes, made, strict=True)],
    }


def detections(labels: list[list[str]]) -> list:
    """GRiT's answers in detection mode: one region that carries all labels."""
    return [[[["", [], frame]] if frame else []] for frame in labels]


def objects() -> dict:
    classes, several = module("vbench.object_class"), module("vbench.multiple_objects")
    seen = [[["bird", "cat"], ["cat"], [], ["bird"]], [["dog"], ["bird", "tree", "cat"]]]
    load = {f"{i}.mp4": fakes.blank(len(v)) for i, v in enumerate(seen)}

    def run(which, function, wanted: str) -> tuple:  # noqa: ANN001
        videos = [{"auxiliary_info": {"object": wanted}, "video_list": list(load)}]
        model = mock.Mock(run_caption_tensor=fakes.Told([a for v in seen for a in detections(v)]))
        with patched(which, load_video=lambda name, **_: load[name]):
            return function(model, videos, "cpu")

    one, one_each = run(classes, classes.object_class, "bird")
    two, two_each = run(several, several.multiple_objects, "bird and cat")
    return {
        "videos": seen,
        "one": {"wanted": "bird", "all": one, "each": results(one_each)},
        "two": {"wanted": "bird and cat", "all": two, "each": results(two_each)},
    }


def human_action() -> dict:
    human = module("vbench.human_action")
    labels = ["riding a bike", "surfing water", "juggling balls", "yoga", "archery", "welding", "sailing"]
    names = [f"/v/A person is {w}-{i}.mp4" for i, w in enumerate(["riding a bike", "surfing water", "yoga", "juggling balls", "sailing", "welding"])]
    logits = [row(RNG.normal(size=7) * 2) for _ in names]
    logits[0][0], logits[1][1], logits[2][3], logits[3][2] = 3.1, 1.7342, 1.7351, 1.7
    logits[4] = [5.0, 4.9, 4.8, 4.7, 4.6, -1.0, 4.5]
    table = {str(i): label for i, label in enumerate(labels)}
    model = fakes.Told([torch.tensor([v]) for v in logits])
    with (
        patched(human, load_video=lambda *_, **__: fakes.blank(16), create_model=lambda *_, **__: model, build_dict=lambda: table),
        patched(human.torch, load=lambda *_, **__: {}),
    ):
        total, each = human.human_action("", names, "cpu")
    return {"labels": labels, "files": [n.split("/")[-1] for n in names], "logits": logits, "all": total, "each": results(each)}


def color() -> dict:
    which = module("vbench.color")
    frames = [
        [["a red car on a road", "car"], ["a blue sky", "sky"]],
        [["a car", "car"]],
        [["a blue car", "car"], ["a red car", "car"]],
        [["a colored car", "car"]],
        [["a green car", "car"], ["a red bus", "bus"]],
    ]
    seen = [frames, [frames[1], [["a red bus", "bus"]]], [[], frames[0]]]
    info = {"auxiliary_info": {"color": "red"}, "prompt": "a red car"}
    load = {f"{i}.mp4": np.zeros((len(v), 4, 4, 3), np.uint8) for i, v in enumerate(seen)}
    answers = [[[[caption, [], [label]] for caption, label in frame]] for video in seen for frame in video]
    info["auxiliary_info"], info["video_list"] = {"color": "red"}, list(load)
    with patched(which, load_video=lambda name, **_: load[name]):
        total, each = which.color(mock.Mock(run_caption_tensor=fakes.Told(answers)), [info], "cpu")
    prompts = [
        ("a red bicycle", "red"),
        ("a white vase", "white"),
        ("an orange bird", "orange"),
        ("a black umbrella", "black"),
        ("a pink suitcase", "pink"),
    ]
    named: list[str] = []
    spy = lambda _, named_object, __: (named.append(named_object), (1, 1))[1]  # noqa: E731
    asked = [{"auxiliary_info": {"color": c}, "prompt": p, "video_list": ["0.mp4"]} for p, c in prompts]
    with patched(which, load_video=lambda name, **_: load[name], check_generate=spy, get_dect_from_grit=lambda *_: []):
        which.color(None, asked, "cpu")
    return {
        "videos": seen,
        "all": total,
        "each": {e["video_path"]: e["video_results"] for e in each},
        "objects": [[*p, n] for p, n in zip(prompts, named, strict=True)],
    }


def spatial_relationship() -> dict:
    which = module("vbench.spatial_relationship")
    labels = ["dog", "cat", "tree"]
    cases = []
    for relation in ("on the right of", "on the left of", "on the top of", "on the bottom of"):
        seen = []
        for count in (3, 2):
            video = []
            for f in range(count):
                corners = RNG.integers(0, 40, (f + 2, 4)).astype(float)
                boxes = [[float(a), float(b), float(a + c + 1), float(b + d + 1)] for a, b, c, d in corners]
                video.append([[labels[int(RNG.integers(0, 3))], box] for box in boxes])
            seen.append(video)
        seen[1].append([["dog", [0.0, 0.0, 10.0, 10.0]], ["cat", [3.0, 1.0, 13.0, 11.0]]])
        load = {f"{i}.mp4": fakes.blank(len(v)) for i, v in enumerate(seen)}
        wanted = {"object_a": "dog", "object_b": "cat", "relationship": relation}
        info = {"auxiliary_info": {"spatial_relationship": wanted}, "video_list": list(load)}
        with patched(which, load_video=lambda name, load=load, **_: load[name]):
            total, each = which.spatial_relationship(mock.Mock(run_caption_tensor=fakes.Told([[f] for v in seen for f in v])), [info], "cpu")
        cases.append({"relationship": relation, "videos": seen, "all": float(total), "each": results(each)})
    return {"cases": cases}


def scene() -> dict:
    which = module("vbench.scene")
    seen = [["a construction site with a crane", "a site", "the constructions on a site"], ["construction"]]
    load = {f"{i}.mp4": np.zeros((len(v), 4, 4, 3), np.uint8) for i, v in enumerate(seen)}
    info = {"auxiliary_info": {"scene": {"scene": "construction site"}}, "video_list": list(load)}
    model = mock.Mock(generate=fakes.Told([(v, None) for v in seen]))
    with patched(which, load_video=lambda name, **_: load[name], tag2text_transform=lambda _: torch.from_numpy):
        total, each = which.scene(model, [info], "cpu")
    return {"videos": seen, "wanted": "construction site", "all": total, "each": results(each)}


def appearance_style() -> dict:
    which = module("vbench.appearance_style")
    logits = [row(RNG.uniform(10, 35, n)) for n in (3, 2)]
    load = {f"{i}.mp4": np.zeros((len(v), 4, 4, 3), np.uint8) for i, v in enumerate(logits)}
    info = {"auxiliary_info": {"appearance_style": "oil painting"}, "video_list": list(load)}
    model = fakes.Told([(None, torch.tensor([[v]])) for video in logits for v in video])
    with patched(which, load_video=lambda name, **_: load[name], clip_transform_Image=lambda _: lambda _: torch.zeros(3, 4, 4)):
        total, each = which.appearance_style(model, [info], "cpu")
    return {"logits": logits, "all": total, "each": results(each)}


def video_text() -> dict:
    made = {}
    videos, texts = features(3), features(3)
    for name in ("temporal_style", "overall_consistency"):
        which = module(f"vbench.{name}")
        model = mock.Mock(encode_vision=fakes.Told(tensors(videos.copy())), encode_text=fakes.Told(tensors(texts.copy())))
        infos = [{"prompt": f"{name} {i}", "video_list": [f"{i}.mp4"]} for i in range(3)]
        with patched(which, read_frames_decord_by_fps=lambda *_, **__: fakes.blank(8), clip_transform=fakes.same):
            total, each = getattr(which, name)(model, infos, None, "cpu")
        made[name] = {"all": float(total), "each": results(each)}
    return {"videos": rows(videos), "texts": rows(texts), **made}


def frame_sampling() -> dict:
    utils = module("vbench.utils")
    return {
        "cases": [
            {"frames": n, "count": c, "indices": [int(i) for i in utils.get_frame_indices(c, n, sample="middle")]}
            for c in (8, 16)
            for n in (1, 2, 7, 8, 9, 15, 16, 17, 25, 49, 61, 305)
        ]
    }


def final_score() -> dict:
    t2v, i2v, table = module("cal_final_score"), module("cal_i2v_final_score"), module("constant")
    cases = []
    for _ in range(3):
        raw = {name: round(float(RNG.uniform(0.2, 1)), 4) for name in table.TASK_INFO}
        normal = t2v.get_nomalized_score(raw)
        quality, semantic = t2v.get_quality_score(normal), t2v.get_semantic_score(normal)
        cases.append(
            {
                "raw": {k.replace(" ", "_"): v for k, v in raw.items()},
                "quality": quality,
                "semantic": semantic,
                "total": t2v.get_final_score(quality, semantic),
            }
        )
    pictures = []
    for _ in range(3):
        raw = {name: round(float(RNG.uniform(0.2, 1)), 4) for name in table.I2VKEY}
        normal = i2v.get_nomalized_score({table.I2VKEY[k]: v for k, v in raw.items()})
        quality, conformity = i2v.get_i2v_quality_score(normal), i2v.get_i2v_score(normal)
        pictures.append({"raw": raw, "quality": quality, "i2v": conformity, "total": i2v.get_final_score(quality, conformity)})
    return {"t2v": cases, "i2v": pictures}


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


def main() -> None:
    fakes.install(sys.argv[1])
    formulas = [
        frame_consistency,
        temporal_flickering,
        motion_smoothness,
        dynamic_degree,
        static_filter,
        aesthetic_quality,
        imaging_quality,
        objects,
        human_action,
        color,
        spatial_relationship,
        scene,
        appearance_style,
        video_text,
        frame_sampling,
        final_score,
    ]
    for folder, parts in (("formulas", formulas), ("long", [long]), ("i2v", [i2v]), ("trustworthiness", [trustworthiness])):
        goldens = {part.__name__: part() for part in parts}
        path = EVAL / folder / "goldens" / "vbench.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"madeBy": REFERENCE, **goldens}) + "\n")
        print("wrote", path)


if __name__ == "__main__":
    main()
