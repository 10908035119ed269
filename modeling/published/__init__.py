"""Published model families as torch modules of this repository: they load the published checkpoints by their own key names."""
