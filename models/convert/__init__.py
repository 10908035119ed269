"""Published checkpoints to model packages: `python -m models.convert`."""
