"""From torch modules to model packages: ONNX graphs, half-precision storage, manifests, and the way back."""
