"""Training of the pocket set: one command per model, counted in steps, resumable."""
