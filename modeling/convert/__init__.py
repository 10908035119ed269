"""Published checkpoints to model packages: `python -m modeling.convert`."""
