"""The torch modules of the pocket set. Every width is in a config; every module knows nothing of training or export."""
