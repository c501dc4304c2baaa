"""A replay counts what a night counts: by flags, and by the span in which an event begins."""

from notturno.detect import named


def event(kind, onset_s, duration_s=1.0, flags=()):
    return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s, "flags": list(flags)}


EVENTS = [
    event("jerk", 5),
    event("not_worn", 10, 20),
    event("jerk", 9.9),
    event("jerk", 10),
    event("lm", 29.9),
    event("jerk", 30),
    event("posture", 15),
    event("jerk", 12, flags=["in_lm"]),
    event("awake", 25, 100),
    event("rhythm", 100),
    event("rhythm", 26),
]


def test_what_begins_while_awake_or_not_worn_does_not_count():
    assert [e["onset_s"] for e in named.of_kind(EVENTS, "jerk")] == [5, 9.9]
    assert named.of_kind(EVENTS, "lm") == named.of_kind(EVENTS, "rhythm") == []
    assert len(named.of_kind(EVENTS, "posture")) == 1


def test_what_is_left_out_is_told_by_its_flags_first_and_then_by_the_time():
    assert named.left_out(EVENTS) == {
        "jerk": {"not_worn": 1, "awake": 1, "in_lm": 1},
        "lm": {"not_worn": 1},
        "rhythm": {"awake": 1, "not_worn": 1},
    }


def test_what_ends_a_span_not_worn_is_not_in_it_however_its_seconds_are_rounded():
    not_worn = event("not_worn", 3180.4584, 1007.4785)  # both rounded up: the end is not
    assert named.left_out([not_worn, event("jerk", 4187.9368)]) == {}
    assert named.left_out([not_worn, event("jerk", 4187.936)]) == {"jerk": {"not_worn": 1}}
