"""How full a cell is, from its voltage at rest. Pure; millivolts in, percent out.

The curve is that of a small lithium polymer cell at room temperature under a load of well below a
mA: ours, read off published discharge curves; one cell differs from the next by some percent.
"""

CURVE_MV_PCT = (
    (3450, 0),  # firmware/config.py BATTERY_STOP_MV: here the band stops recording
    (3600, 5),
    (3680, 10),
    (3740, 20),
    (3780, 30),
    (3820, 40),
    (3870, 50),
    (3930, 60),
    (3990, 70),
    (4060, 80),
    (4120, 90),
    (4180, 100),
)


def percent(battery_mv: int | None) -> int | None:
    """Return 0 to 100 by the curve, straight between its points; None where nothing was read."""
    if not battery_mv:  # 0: the band has no divider to read it with
        return None
    below = CURVE_MV_PCT[0]
    if battery_mv <= below[0]:
        return 0
    for above in CURVE_MV_PCT[1:]:
        if battery_mv <= above[0]:
            part = (battery_mv - below[0]) / (above[0] - below[0])
            return round(below[1] + part * (above[1] - below[1]))
        below = above
    return 100
