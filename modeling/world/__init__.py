"""A procedural storybook: captioned scenes that render at any size and time, and are learnable by small models."""

from modeling.world.caption import caption
from modeling.world.render import Window, clip_times, render
from modeling.world.scene import Scene, sample_scene

__all__ = ["Scene", "Window", "caption", "clip_times", "render", "sample_scene"]
