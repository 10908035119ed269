"""What makes the model packages: a procedural world, the networks that learn it, published networks, conversion and export."""
