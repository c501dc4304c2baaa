"""A key's text: there and back, and no change of it goes unseen."""

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno import keys
from notturno.errors import UserError
from notturno.keys.text import ALPHABET, LETTERS, PREFIX

ID = "564200000000000f"
KEY = bytes(range(32))
TEXT = keys.to_text(ID, KEY)


def test_the_text_is_what_the_page_says():
    import base64

    data = base64.b32decode(TEXT.removeprefix("notturno1.") + "=")
    assert data[:8].hex() == ID and data[8:40] == KEY
    assert data[40:] == binascii.crc32(data[:40]).to_bytes(4, "little")
    assert len(TEXT) == len(PREFIX) + LETTERS


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=32, max_size=32))
def test_there_and_back(device_id, key):
    assert keys.from_text(keys.to_text(device_id.hex(), key)) == (device_id.hex(), key)


@given(st.data())
def test_grouped_and_in_small_letters_it_is_the_same(data):
    text = data.draw(st.sampled_from([TEXT, TEXT.lower(), TEXT.upper()]))
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from([" ", "-", "\n", "\u2013", "\t"])) + text[at:]
    assert keys.from_text(text) == (ID, KEY)


def test_no_change_of_one_letter_goes_unseen():
    seen = 0
    for at in range(len(PREFIX), len(TEXT)):
        for letter in ALPHABET:
            if letter != TEXT[at]:
                with pytest.raises(UserError, match="checksum"):
                    keys.from_text(TEXT[:at] + letter + TEXT[at + 1 :])
                seen += 1
    assert seen == LETTERS * 31


@given(st.data())
def test_neither_does_one_of_two_letters_exchanged_or_any_other_character(data):
    at = data.draw(st.integers(0, len(TEXT) - 2))
    changed = TEXT[:at] + TEXT[at + 1] + TEXT[at] + TEXT[at + 2 :]
    if changed != TEXT:
        with pytest.raises(UserError):
            keys.from_text(changed)
    character = data.draw(st.characters(exclude_characters=TEXT[at] + TEXT[at].swapcase()))
    changed = TEXT[:at] + character + TEXT[at + 1 :]
    with pytest.raises(UserError):
        keys.from_text(changed)


@given(st.text(max_size=200))
def test_any_text_is_a_key_or_an_error_for_people(text):
    with pytest.raises(UserError) as caught:
        keys.from_text(text)
    assert caught.value.args[0].isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begins with notturno1"),
        ("hello", "begins with notturno1"),
        (TEXT[:-1], "70 letters .* instead of 71: a part is missing"),
        (TEXT + "A", "72 letters .* something was added"),
        (PREFIX, "0 letters"),
        (TEXT[:20] + "0" + TEXT[21:], "^0 is none of a key's letters.*place 11"),
        (TEXT[:20] + "\x1b" + TEXT[21:], r"^'\\x1b' is none"),
        (TEXT[:20] + "\u0131" + TEXT[21:], "none of a key's letters"),
        ("notturno2." + TEXT[10:], "newer notturno"),
        ("NOTTURNO17.AAAA", "newer notturno"),
    ],
)
def test_what_is_wrong_is_named(text, words):
    with pytest.raises(UserError, match=words):
        keys.from_text(text)


def test_an_error_says_nothing_of_the_key():
    for text in (TEXT[:-1], TEXT[:-1] + "0", TEXT + "B", "x" + TEXT):
        with pytest.raises(UserError) as caught:
            keys.from_text(text)
        assert not any(TEXT[k : k + 6] in str(caught.value) for k in range(10, len(TEXT) - 6))


@pytest.mark.parametrize(("device_id", "key"), [(ID[:-2], KEY), (ID + "00", KEY[:-1]), (ID, b"")])
def test_only_whole_keys_become_texts(device_id, key):
    with pytest.raises(ValueError):
        keys.to_text(device_id, key)
