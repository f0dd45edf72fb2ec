"""Which cases follow from a study: points of its design, by index."""
