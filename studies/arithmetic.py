"""What `set`, `scale` and `add` make of a number: one place, so that what is checked is what is written."""


def change_number(base: float, change: str, value: float) -> float:
    """Apply a change to a number of the model.

    Args:
        base: The number in the model.
        change: `scale` or `add`.
        value: Factor, or addend in the unit of `base`.

    Returns:
        Product or sum in double precision, unrounded; a whole number as an integer where both operands are.
    """
    return base * value if change == "scale" else base + value
