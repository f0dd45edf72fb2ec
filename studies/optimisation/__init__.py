"""Search for good designs: the next generation of an optimiser's cases, and the front of what is known."""
