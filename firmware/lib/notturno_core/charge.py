"""The charge of a cell by its voltage, in percent of what a band can use: an estimate.

Touches nothing. Nothing here was measured on a band: the curve is ours, drawn between published
discharge charts of single lithium polymer cells at rest (they differ by up to 10 % of the charge
in the flat middle), and its empty end is where the band stops recording. On a charger a cell reads
higher than it is.
"""

STOP_MV = 3450  # firmware/config.py, BATTERY_STOP_MV: below it a band does not begin a night
POSSIBLE_MV = (2500, 4400)  # outside: no single cell, or no divider to measure it by
CURVE = (  # mV, percent of what a band can use
    (STOP_MV, 0),
    (3600, 4),
    (3700, 12),
    (3750, 26),
    (3800, 42),
    (3850, 55),
    (3900, 64),
    (3950, 71),
    (4000, 78),
    (4050, 85),
    (4100, 91),
    (4200, 100),
)


def battery_pct(mv):
    """Return the charge in percent; None for None, 0 (not measured) and what no cell has."""
    if not mv or not POSSIBLE_MV[0] <= mv <= POSSIBLE_MV[1]:
        return None
    if mv <= STOP_MV:
        return 0
    low_mv, low = CURVE[0]
    for high_mv, high in CURVE[1:]:
        if mv <= high_mv:
            return round(low + (high - low) * (mv - low_mv) / (high_mv - low_mv))
        low_mv, low = high_mv, high
    return 100
