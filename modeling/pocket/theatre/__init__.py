"""A paper theatre: both ends of a join are cut into layers, which a stage moves. Layers stay whole and opaque, so nothing fades while it moves."""
