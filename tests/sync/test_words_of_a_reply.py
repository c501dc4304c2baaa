"""A reply's status in words, as PROTOCOL.md numbers them, and one that only a newer band knows."""

import pytest
from notturno.sync import asking
from notturno_core import protocol

NAMES = ("ok", "bad request", "busy", "crc mismatch", "aborted", "no key", "refused")


@pytest.mark.parametrize(("status", "said"), list(enumerate((*NAMES, "status 7", "status 8"))))
def test_each_status_has_its_words_and_an_unknown_one_its_number(status, said):
    assert asking.status_name({"status": status}) == said


def test_a_reply_that_is_cut_off_is_garbled():
    fields = (("a", "I"), ("b", "H"))
    assert asking.reply_in(b"\1\0\0\0\2\0", fields) == {"a": 1, "b": 2}
    with pytest.raises(asking.Garbled, match="cut off"):
        asking.reply_in(b"\1\0\0\0\2", fields)
    assert protocol.STATUS_NAMES == NAMES
