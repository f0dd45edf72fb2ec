"""How many cases a surrogate needs: asked at submission and by training. No torch, so that the service may ask, too."""

FEWEST_ROWS = 20
ROWS_PER_INPUT = 2
MORE_ROWS = 10


def count_needed_rows(inputs: int) -> int:
    """Return how many usable cases a number of inputs needs at least."""
    return max(FEWEST_ROWS, ROWS_PER_INPUT * inputs + MORE_ROWS)
