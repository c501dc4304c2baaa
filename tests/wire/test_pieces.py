"""Messages in pieces: whole at any length and room, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno_core.pieces import Joiner, PieceError, Splitter
from notturno_core.protocol import HEAD_COUNT, HEAD_FIRST, HEAD_LAST


@given(st.lists(st.binary(max_size=400), max_size=8), st.integers(2, 244))
def test_what_is_split_is_joined(messages, room):
    splitter, joiner = Splitter(), Joiner(400)
    heads = []
    for message in messages:
        values = list(splitter.values(message, room))
        assert all(len(value) <= room for value in values)
        assert all(len(value) == room for value in values[:-1])
        heads += [value[0] for value in values]
        joined = [joiner.add(value) for value in values]
        assert joined == [None] * (len(values) - 1) + [message]
    assert [head & HEAD_COUNT for head in heads] == [i % 64 for i in range(len(heads))]


def test_the_heads_are_these():
    splitter = Splitter()
    assert [v.hex() for v in splitter.values(b"abcd", 3)] == ["406162", "816364"]
    assert [v.hex() for v in splitter.values(b"", 3)] == ["c2"]
    assert (HEAD_LAST, HEAD_FIRST, HEAD_COUNT) == (0x80, 0x40, 0x3F)


def three(room=4):
    splitter = Splitter()
    return [list(splitter.values(bytes([65 + i]) * 7, room)) for i in range(3)]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda a, b, c: a[1:] + b,
        lambda a, b, c: a[:1] + a[2:] + b,
        lambda a, b, c: a + b[1:],
        lambda a, b, c: a + c,
        lambda a, b, c: a[:2] + b,
        lambda a, b, c: a + a,
        lambda a, b, c: [a[0], a[0], *a[1:]],
        lambda a, b, c: [a[0], b"", *a[1:]],
        lambda a, b, c: [a[1], a[0], a[2]],
    ],
)
def test_a_missing_doubled_or_swapped_piece_is_noticed(spoilt):
    joiner = Joiner(20)
    with pytest.raises(PieceError):
        for value in spoilt(*three()):
            joiner.add(value)


def test_a_message_that_grows_too_long_is_noticed_before_it_is_kept():
    joiner = Joiner(6)
    with pytest.raises(PieceError, match="longer"):
        for value in three()[0]:
            joiner.add(value)
    assert Joiner(7).add(b"\xc0" + b"1234567") == b"1234567"
    with pytest.raises(PieceError):
        Joiner(6).add(b"\xc0" + b"1234567")


@given(st.sets(st.integers(0, 8)))
def test_where_values_may_be_lost_the_whole_messages_come_and_no_other(lost):
    values = [value for message in three() for value in message]
    joiner = Joiner(20, lossy=True)
    came = [joiner.add(value) for i, value in enumerate(values) if i not in lost]
    whole = [i for i in range(3) if not lost & {3 * i, 3 * i + 1, 3 * i + 2}]
    assert [message for message in came if message] == [bytes([65 + i]) * 7 for i in whole]


@given(st.lists(st.binary(max_size=30), max_size=40), st.booleans())
def test_a_stranger_can_make_it_hold_no_more_than_one_message(values, lossy):
    joiner = Joiner(50, lossy=lossy)
    for value in values:
        try:
            message = joiner.add(value)
        except PieceError:
            message = None
        assert message is None or len(message) <= 50
        assert len(joiner._message or b"") <= 50
