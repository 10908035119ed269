"""What the package of a published family says beyond its files: samplers, sizes, licence and source, as published.

Sources: `base/configs/sample.yaml` and `interpolation/configs/sample.yaml` of Vchitect/LaVie@6ce851e, `configs/sample_transition.yaml` of
Vchitect/SEINE@bd8d519; FreeU of Stable Diffusion 1.4 from ChenyangSi/FreeU@3676d36, README.md.

Where we differ: the pipeline samples with trailing steps; SEINE's 250 ancestral steps are 50 of DDIM.
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


def _facts(guidance: float, frames: int, width: int, height: int, licence: str, source: str) -> dict:
    sampler = {"kind": "ddim", "steps": 50, "guidance": guidance, "spacing": "trailing"}
    native = {"width": width, "height": height, "frames": frames}
    return {"licence": licence, "source": source, "fields": {**_SHARED, "native": native, "sampler": sampler}}


_RAIL = "CreativeML-OpenRAIL-M"
_STABLE = "https://huggingface.co/CompVis/stable-diffusion-v1-4"

FACTS = {
    "sd14-text": {"licence": _RAIL, "source": f"{_STABLE} text_encoder/", "fields": {"context": _SHARED["context"]}},
    "sd14-vae": {"licence": _RAIL, "source": f"{_STABLE} vae/", "fields": {"latent": _SHARED["latent"]}},
    "lavie-base": _facts(7.5, 16, 512, 320, _ACADEMIC, "https://huggingface.co/YaohuiW/LaVie lavie_base.pt"),
    "lavie-interpolation": _facts(4.0, 61, 512, 320, _ACADEMIC, "https://huggingface.co/YaohuiW/LaVie lavie_interpolation.pt"),
    "seine": _facts(8.0, 16, 512, 320, _SAME_TERMS, "https://huggingface.co/xinyuanc91/SEINE seine.pt"),
}
