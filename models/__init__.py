"""Pocket models of Shotline: a procedural world, the modules that learn it, their training and their export to ONNX."""
