"""Graphs of packages run as torch modules, for the engine of a worker: `python -m modeling.torch_engine`."""
