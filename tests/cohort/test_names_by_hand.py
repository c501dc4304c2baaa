"""What stands in place of a name, by hand: pseudonyms by a key, limbs that everybody has, days."""

import pytest
from notturno.cohort.hidden import Names, days
from notturno.scoring.onenight.person import DEVICE

KEY = bytes(range(32))


def test_a_pseudonym_is_a_keyed_hash_of_its_kind():
    """HMAC-SHA256 of "person anna" under the key, in base32, ten signs: by Python's own hmac."""
    import base64
    import hmac

    hidden = Names(KEY)
    wanted = base64.b32encode(hmac.digest(KEY, b"person anna", "sha256")).decode()[:10]
    assert hidden.person("anna") == "P-" + wanted
    assert hidden.band("anna")[:2] == "B-" and hidden.band("anna")[2:] != wanted
    assert Names(bytes(32)).person("anna") != hidden.person("anna")


def test_no_band_and_both_bands_are_nobodys():
    hidden = Names(KEY)
    assert hidden.band("") == "" and hidden.band(DEVICE) == DEVICE


@pytest.mark.parametrize(
    ("said", "hidden", "open_"),
    [("Calf", "Calf", "Calf"), ("omas bein", "other", "omas bein"), ("", "", ""), (None, "", "")],
)
def test_a_limb_of_a_persons_own_words_is_another_one_unless_names_may_stay(said, hidden, open_):
    assert Names(KEY).limb(said) == hidden
    assert Names(KEY, identified=True).limb(said) == open_


def test_with_consent_names_stay():
    plain = Names(KEY, identified=True)
    assert (plain.person("anna"), plain.band("b1")) == ("anna", "b1")


def test_days_count_from_each_persons_first_night():
    dates = ["2026-03-01", "2026-02-27", None, "2026-01-05", "2025-12-31"]
    assert days(["a", "a", "a", "b", "b"], dates) == [3, 1, None, 6, 1]
