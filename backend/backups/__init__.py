"""Back-ups of a whole farm in one archive, verified, and restored into an empty stack."""
