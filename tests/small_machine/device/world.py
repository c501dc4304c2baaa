"""The virtual world of the small machine: one clock, one plan of the dock, and who is told.

Touches nothing. Speaks ms since the start, whole numbers below 2^30, so that no reading of the
clock takes memory on a 32-bit machine.
"""

now_ms = 0
plan = ()  # (until_ms, docked), ascending; behind the last one the world is over
at_end = None  # callable: the plan is over
pressed = False


def pass_ms(ms):
    """Let time go by."""
    global now_ms
    if ms > 0:
        now_ms += ms
    if plan and now_ms >= plan[-1][0] and at_end is not None:
        at_end()


def docked():
    """Say whether the charger is connected now."""
    for until_ms, is_docked in plan:
        if now_ms < until_ms:
            return is_docked
    return True
