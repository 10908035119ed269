"""What a package is made of: modules from published files, each with its graphs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CHECKPOINT = "checkpoint"
FILES = {
    CHECKPOINT: "the downloaded file: .pt, .bin, .safetensors, or the .index.json of one in several files",
    "text": "the text encoder's file, for lavie-vsr, latte and venhancer",
    "vae": "the autoencoder's file, for lavie-vsr",
    "mapper": "mapper.pt, for videobooth",
    "clip": "CLIP ViT-L/14, both towers in one file, for videobooth",
    "head": "sa_0_4_vit_l_14_linear.pth, for clip-vitl14-aesthetic",
}  #: options of the command, and what they say


@dataclass(frozen=True)
class Component:
    """One module of a package.

    `files` are the options that name its checkpoints. `graphs` names those of its graphs that the package takes, by the name they get there;
    all by their own names if it is empty. `tokenizer` is the kind of words that it reads, and `padding` the token that fills prompts up.
    `whole`: in float32 whatever the precision, as the published code has it.
    """

    family: str
    files: tuple[str, ...] = (CHECKPOINT,)
    graphs: Mapping[str, str] = field(default_factory=dict)
    tokenizer: str | None = None
    padding: str | None = None
    whole: bool = False

    def graph_name(self, plan: str) -> str | None:
        """What the package calls a graph of the module; none if it has no use for it."""
        return self.graphs.get(plan) if self.graphs else plan

    def plan_name(self, graph: str) -> str:
        """The way back."""
        return next((plan for plan, name in self.graphs.items() if name == graph), graph)


_OWN_TEXT = {"encoder": "text"}  #: a package that is told words by an encoder of its own
_FILLED_WITH_ZEROS = "!"  #: the token that has id 0

COMPONENTS: dict[str, tuple[Component, ...]] = {
    "sd14-text": (Component("sd14-text", tokenizer="clip"),),
    "sd14-vae": (Component("sd14-vae"),),
    "svd-vae": (Component("svd-vae"),),
    "lavie-base": (Component("lavie-base"),),
    "lavie-interpolation": (Component("lavie-interpolation"),),
    "seine": (Component("seine"),),
    "lavie-vsr": (
        Component("lavie-vsr"),
        Component("x4-text", ("text",), _OWN_TEXT, "clip", _FILLED_WITH_ZEROS),
        Component("x4-vae", ("vae",), {"decoder": "decoder"}, whole=True),
    ),
    "videobooth": (
        Component("videobooth", (CHECKPOINT, "mapper")),
        Component("videobooth-vision", ("clip", "mapper")),
        Component("videobooth-text", ("clip",), _OWN_TEXT, "clip"),
    ),
    "latte": (Component("latte"), Component("latte-text", ("text",), _OWN_TEXT, "t5")),
    "venhancer": (Component("venhancer"), Component("venhancer-text", ("text",), _OWN_TEXT, "clip", _FILLED_WITH_ZEROS)),
    "dino-vitb16": (Component("dino-vitb16", whole=True),),
    "clip-vitb32": (
        Component("clip-vitb32", whole=True),
        Component("clip-vitb32-text", tokenizer="clip", padding=_FILLED_WITH_ZEROS, whole=True),
    ),
    "clip-vitl14-aesthetic": (Component("clip-vitl14-aesthetic", (CHECKPOINT, "head"), whole=True),),
    "musiq-spaq": (Component("musiq-spaq", whole=True),),
    "owlv2-base": (Component("owlv2-base", tokenizer="clip", padding=_FILLED_WITH_ZEROS, whole=True),),
    "raft-things": (Component("raft-things", whole=True),),
}


def files_of(family: str) -> tuple[str, ...]:
    """The options that a package needs, each once."""
    return tuple(dict.fromkeys(name for component in COMPONENTS[family] for name in component.files))


def tokenizer_of(family: str) -> Component | None:
    """The component of a package that reads words."""
    return next((component for component in COMPONENTS[family] if component.tokenizer is not None), None)
