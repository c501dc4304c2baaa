"""What counts and what does not: the one file that says so. Pure; speaks events of `wire`.

An event counts unless something keeps it out, and what keeps it out has a name: first what its own
flags say, then the time it lies in. Counted and left out add up to all there are.
"""

from notturno_core import wire

# In the order in which a reason is named. A hand took the band off or put it down; something
# outside the body shook it; the person was awake and moving; it belongs to a rhythm, to a longer
# movement, or to a turn; it is too small, or too slow, to be one by itself.
OF_ANY = (
    (wire.FLAG_TRUNCATED, "truncated"),
    (wire.FLAG_VIBRATION, "vibration"),
    (wire.FLAG_IN_AWAKE, "in_awake"),
)
OF_JERKS = (
    *OF_ANY,
    (wire.FLAG_IN_RHYTHM, "in_rhythm"),
    (wire.FLAG_IN_LM, "in_lm"),
    (wire.FLAG_SMALL, "small"),
    (wire.FLAG_SLOW, "slow"),
)
OF_LMS = (
    *OF_ANY,
    (wire.FLAG_IN_RHYTHM, "in_rhythm"),
    (wire.FLAG_POSTURE_CHANGED, "posture_changed"),
    (wire.FLAG_IN_LM, "in_lm"),
    (wire.FLAG_SMALL, "small"),
)
OF_RHYTHMS = (
    *OF_ANY,
    (wire.FLAG_IN_RHYTHM, "in_rhythm"),
    (wire.FLAG_IN_LM, "in_lm"),
    (wire.FLAG_SMALL, "small"),
)
OF_POSTURES = ((wire.FLAG_IN_LM, "posture_changed"),)  # a later move of one turn
BY_FLAGS = {
    wire.EVENT_JERK: OF_JERKS,
    wire.EVENT_LM: OF_LMS,
    wire.EVENT_RHYTHM: OF_RHYTHMS,
    wire.EVENT_POSTURE: OF_POSTURES,
}
# Time in which nothing is counted: name -> words.
BY_TIME = {
    "not_worn": "while the band was not worn",
    "awake": "while awake",
    "out_of_bed": "outside the time in bed that the person gave",
    "not_recorded": "outside the recording",
}
WORDS = {
    "truncated": "cut short, or the hand at the band",
    "vibration": "like a vibration from outside",
    "in_awake": "while awake",
    "in_rhythm": "in a rhythm",
    "in_lm": "in a longer movement",
    "posture_changed": "in a turn",
    "small": "too small to be told from the pulse or the mattress",
    "slow": "not as sharp as a jerk",
    **BY_TIME,
    "one_side": "while one band alone could count",  # of a person's night, of two bands
}
_NUMBERS = {name: bit for bit, name in wire.FLAG_NAMES.items()}


def left_out_as(kind: int, flags: int) -> str | None:
    """Return why an event (wire.EVENT_*, wire.FLAG_*) does not count; None where it does.

    Jerks, LM, rhythms and turns count; of the other kinds nothing is left out.
    """
    for bit, name in BY_FLAGS.get(kind, ()):
        if flags & bit:
            return name
    return None


def flags_of(names: list[str]) -> int:
    """Return the bits of some flags' names; raises KeyError for a name that no flag has."""
    bits = 0
    for name in names:
        bits |= _NUMBERS[name]
    return bits
