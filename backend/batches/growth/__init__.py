"""How a batch grows after it was submitted: extensions, generations of a search, added outputs."""
