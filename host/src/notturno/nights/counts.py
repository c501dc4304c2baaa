"""What counts and what does not: the one file that says so. Pure; speaks events of `wire`."""

from notturno_core import wire

# What keeps a jerk from counting as a single one: it belongs to a rhythm, to a span of voluntary
# movement, or to a longer limb movement. This is the only place that says so.
NOT_SINGLE = wire.FLAG_IN_RHYTHM | wire.FLAG_IN_AWAKE | wire.FLAG_IN_LM | wire.FLAG_TRUNCATED


def is_single(kind: int, flags: int) -> bool:
    """Say whether an event (wire.EVENT_*, wire.FLAG_*) counts as one single jerk."""
    return kind == wire.EVENT_JERK and not flags & NOT_SINGLE
