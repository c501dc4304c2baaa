"""How sure a share of a few trials is. Pure; scipy is imported inside."""

LEVEL = 0.95


def clopper_pearson(found: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval (Clopper and Pearson 1934) of the share `found` / `of`.

    It covers the true share of independent trials at least as often as `level` says. Raises
    ValueError where there are no trials, or more found than tried.
    """
    if of < 1 or not 0 <= found <= of:
        raise ValueError(f"{found} of {of} is no share")
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if found == 0 else float(betaincinv(found, of - found + 1, tail))
    high = 1.0 if found == of else float(betaincinv(found + 1, of - found, 1 - tail))
    return low, high
