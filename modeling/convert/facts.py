"""What the package of a published family says beyond its files: samplers, sizes, licence and source, as published.

Sources: `base/configs/sample.yaml` and `interpolation/configs/sample.yaml` of Vchitect/LaVie@6ce851e, `configs/sample_transition.yaml` of
Vchitect/SEINE@bd8d519; FreeU of Stable Diffusion 1.4 from ChenyangSi/FreeU@3676d36, README.md; `vsr/configs/sample.yaml` and
`vsr/configs/vae_config.json` of LaVie, and `configs/stable-diffusion/x4-upscaling.yaml` of Stability-AI/stablediffusion;
`configs/t2x/t2v_sample.yaml` of Vchitect/Latte@b27c24a; `sample_scripts/configs/panda.yaml` of Vchitect/VideoBooth@d10e06f; the August 2024
code of VEnhancer in ueoo/VEnhancer@f03c69c, `video_to_video/`; how frames come to the models of VBench, and what these are called on its
leaderboard, from `vbench/utils.py` and the dimensions' files of Vchitect/VBench@45e79ec.

Where we differ: the pipeline samples with trailing steps; 250 ancestral steps of SEINE and VideoBooth are 50 of DDIM.
"""

_ACADEMIC = "https://github.com/Vchitect/LaVie#license (weights: free for academic research, commercial use on application)"
_SAME_TERMS = "https://github.com/Vchitect/SEINE#license (weights: free for academic research, commercial use on application)"

_SHARED = {
    "prediction": "epsilon",
    "schedule": {"kind": "linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": 1000},
    "latent": {"channels": 4, "downscale": 8, "scale": 0.18215},
    "context": {"width": 768, "tokens": 77},
    "freeu": {"b1": 1.3, "b2": 1.4, "s1": 0.9, "s2": 0.2},
}


def _facts(guidance: float, frames: int, width: int, height: int, licence: str, source: str, **fields: object) -> dict:
    sampler = {"kind": "ddim", "steps": 50, "guidance": guidance, "spacing": "trailing"}
    native = {"width": width, "height": height, "frames": frames}
    return {"licence": licence, "source": source, "fields": {**_SHARED, "native": native, "sampler": sampler, **fields}}


def _paper(kind: str, steps: int, guidance: float, spacing: object, **more: object) -> dict:
    """How the authors sample: what `as: paper` means. Words beside the sampler's own fields are those of the preset."""
    words = {name: more.pop(name) for name in ("suffix", "negative", "guidedChannels", "freshNoise") if name in more}
    return {"paper": {"sampler": {"kind": kind, "steps": steps, "guidance": guidance, "spacing": spacing, **more}, **words}}


_LEADING = {"kind": "leading", "offset": 0}
_CLEAN = {"clean": True}  #: prompts as CLIP's own tokenizer cleans them
_RAIL = "CreativeML-OpenRAIL-M"
_STABLE = "https://huggingface.co/CompVis/stable-diffusion-v1-4"
_FILM = "https://huggingface.co/stabilityai/stable-video-diffusion-img2vid"
_X4 = "https://huggingface.co/stabilityai/stable-diffusion-x4-upscaler"
_CLIP = "https://huggingface.co/openai/clip-vit-large-patch14"
_OPEN_CLIP = "https://huggingface.co/laion/CLIP-ViT-H-14-laion2B-s32B-b79K"
_UPSCALER = {
    "latent": {"channels": 4, "downscale": 4, "scale": 0.08333},
    "context": {"width": 1024, "tokens": 77, **_CLEAN},
    "native": {"width": 512, "height": 320, "frames": 8},
    "diffusion": {
        "prediction": "v",
        "schedule": _SHARED["schedule"],
        "sampler": {"kind": "ddim", "steps": 50, "guidance": 5.0, "spacing": "trailing"},
        "noiseLevel": 50,
        "noiseSchedule": {"kind": "scaled-linear", "betaStart": 1e-4, "betaEnd": 0.02, "trainSteps": 1000},
        "negative": "blur, worst quality",
    },
}
_VENHANCER = {
    "loop": "venhancer",
    "told": 8,
    "tile": {"width": 160, "height": 90},
    "suffix": (
        "Cinematic, High Contrast, highly detailed, taken using a Canon EOS R camera,   hyper detailed photo - realistic maximum detail, 32k, "
        "Color Grading, ultra HD, extreme meticulous detailing,  skin pore detailing, hyper sharpness, perfect without deformations."
    ),
    "negative": (
        "painting, oil painting, illustration, drawing, art, sketch, oil painting, cartoon, CG Style, 3D render, unreal engine, blurring, dirty, "
        "messy, worst quality, low quality, frames, watermark, signature, jpeg artifacts, deformed, lowres, over-smooth"
    ),
}  #: the words of `video_to_video/utils/config.py`; the loop and s_cond of asi-xia/VEnhancer@f779e16, September 2024
_ENHANCER = {
    "latent": _SHARED["latent"],
    "prediction": "v",
    "schedule": {
        **{"kind": "logsnr-cosine", "logSnrMin": -15, "logSnrMax": 15, "shiftStart": 2, "shiftEnd": 4},
        **{"trainSteps": 1000, "zeroTerminalSnr": True},
    },
    "context": {"width": 1024, "tokens": 77, **_CLEAN},
    "native": {"width": 1280, "height": 720, "frames": 32},
    "sampler": {"kind": "dpmpp-2m-sde", "steps": 14, "guidance": 7.5, "rescale": 0.2, "spacing": "trailing", "eta": 1},
    "enhance": {"start": 899, "hintNoise": 199, "list": "fast", "maxScale": 8, "maxTime": 9, **_VENHANCER},
}
_SQUARE = {"shorter": 224, "filter": "bicubic", "square": True}

FACTS = {
    "sd14-text": {"licence": _RAIL, "source": f"{_STABLE} text_encoder/", "fields": {"context": {**_SHARED["context"], **_CLEAN}}},
    "sd14-vae": {"licence": _RAIL, "source": f"{_STABLE} vae/", "fields": {"latent": _SHARED["latent"]}},
    "lavie-base": _facts(
        7.5,
        16,
        512,
        320,
        _ACADEMIC,
        "https://huggingface.co/YaohuiW/LaVie lavie_base.pt",
        **_paper("ddpm", 50, 7.5, _LEADING, variance="small"),
    ),
    "lavie-interpolation": _facts(
        4.0,
        61,
        512,
        320,
        _ACADEMIC,
        "https://huggingface.co/YaohuiW/LaVie lavie_interpolation.pt",
        **_paper("ddim", 50, 4.0, "fractional", eta=0, suffix=", 4k.", negative="None"),
    ),
    "seine": _facts(
        8.0,
        16,
        512,
        320,
        _SAME_TERMS,
        "https://huggingface.co/xinyuanc91/SEINE seine.pt",
        unknown="grey",
        **_paper("ddpm", 250, 8.0, "fractional", variance="large"),
    ),
    "svd-vae": {
        "licence": f"{_FILM}/blob/main/LICENSE.md",
        "source": f"{_FILM} vae/",
        "fields": {"latent": _SHARED["latent"], "temporal": {"clip": {"frames": 14, "overlap": 0}, "enhanced": {"frames": 5, "overlap": 2}}},
    },
    "lavie-vsr": {
        "licence": f"{_ACADEMIC}; text encoder and autoencoder: CreativeML-OpenRAIL-M++",
        "source": f"https://huggingface.co/YaohuiW/LaVie lavie_vsr.pt; {_X4} text_encoder/ and vae/",
        "fields": _UPSCALER,
    },
    "latte": _facts(
        7.5,
        16,
        512,
        512,
        "Apache-2.0",
        "https://huggingface.co/maxin-cn/Latte-1 transformer/ and text_encoder/",
        context={"width": 4096, "tokens": 120, "trim": True},
        freeu=False,
        **_paper("ddim", 50, 7.5, _LEADING, eta=0),
    ),
    "videobooth": _facts(
        4.0,
        16,
        256,
        256,
        f"none stated by https://github.com/Vchitect/VideoBooth: ask its authors; CLIP: MIT ({_CLIP})",
        f"https://huggingface.co/yumingj/VideoBooth_models watermark_remove_module.pt and mapper.pt; {_CLIP}",
        context={**_SHARED["context"], **_CLEAN},
        subject={"picture": 256, "tokens": 5, "noised": True},
        **_paper("ddpm", 250, 4.0, "fractional", variance="large", negative="None", guidedChannels=3, freshNoise=True),
    ),
    "venhancer": {
        "licence": f"none stated by https://github.com/Vchitect/VEnhancer: ask its authors; text encoder: MIT ({_OPEN_CLIP})",
        "source": f"https://huggingface.co/jwhejwhe/VEnhancer venhancer_v2.pt; {_OPEN_CLIP}",
        "fields": _ENHANCER,
    },
    "dino-vitb16": {
        "licence": "Apache-2.0",
        "source": "https://github.com/facebookresearch/dino dino_vitbase16_pretrain.pth",
        "fields": {"leaderboard": "DINO ViT-B/16", "view": {"shorter": 224, "filter": "bilinear"}},
    },
    "clip-vitb32": {
        "licence": "MIT",
        "source": "https://huggingface.co/openai/clip-vit-base-patch32",
        "fields": {"leaderboard": "CLIP ViT-B/32", "view": _SQUARE, "context": {"width": 512, "tokens": 77, **_CLEAN}},
    },
    "clip-vitl14-aesthetic": {
        "licence": "MIT",
        "source": f"{_CLIP}; https://github.com/LAION-AI/aesthetic-predictor sa_0_4_vit_l_14_linear.pth",
        "fields": {"leaderboard": "CLIP ViT-L/14 + LAION sa_0_4 linear", "view": _SQUARE},
    },
    "musiq-spaq": {
        "licence": "Apache-2.0",
        "source": "https://github.com/chaofengc/IQA-PyTorch release v0.1-weights, musiq_spaq_ckpt-358bb6af.pth (Google's weights)",
        "fields": {"leaderboard": "MUSIQ-SPAQ", "view": {"small": 224, "large": 384, "patch": 32}},
    },
    "owlv2-base": {
        "licence": "Apache-2.0",
        "source": "https://huggingface.co/google/owlv2-base-patch16-ensemble",
        "fields": {
            "model": "OWLv2 ViT-B/16",
            "view": {"square": 960},
            "find": {"prompt": "a photo of a {}", "certainty": 0.1, "overlap": 0.3},
            "context": {"width": 512, "tokens": 16},
        },
    },
    "raft-things": {
        "licence": "BSD-3-Clause",
        "source": "https://github.com/princeton-vl/RAFT raft-things.pth",
        "fields": {"leaderboard": "RAFT-things", "view": {"multiple": 8}},
    },
}
