"""Stopgap, replaced at merge."""

FAULTS = {1: "gravity is nought", 2: "gravity is too small", 3: "gravity is too large", 4: "rate"}


def gravity_fault(x_mg, y_mg, z_mg):
    g2 = x_mg * x_mg + y_mg * y_mg + z_mg * z_mg
    if g2 == 0:
        return 1
    if g2 < 850 * 850:
        return 2
    if g2 > 1150 * 1150:
        return 3
    return 0


def rate_fault(measured_mhz, believed_mhz, clock_ppm):
    return 4 if abs(measured_mhz - believed_mhz) > believed_mhz * (0.03 + clock_ppm / 1e6) else 0
