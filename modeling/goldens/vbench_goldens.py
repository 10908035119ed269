"""Goldens of eval/: the vbench package's own functions on features, detections and frames that are written beside the result.

git clone https://github.com/Vchitect/VBench && git -C VBench checkout 45e79ec14e69a2187202c675d2dbce1a71843d53
.goldens/bin/pip install --no-deps -r modeling/goldens/vbench_requirements.txt
.goldens/bin/python modeling/goldens/vbench_goldens.py VBench
"""

import json
import sys
from unittest import mock

import numpy as np
import torch
import vbench_fakes as fakes
from vbench_case import EVAL, REFERENCE, RNG, features, module, patched, results, row, rows, tensors
from vbench_parts import i2v, long, trustworthiness


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
