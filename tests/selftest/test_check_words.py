"""Every code has one sentence that says what to do."""

from notturno import checks as words
from notturno.cli.check import CABLES
from notturno_core import checks

CODES = {
    name: value
    for name, value in vars(checks).items()
    if name.isupper() and isinstance(value, int) and not name.startswith("CABLE_")
}
STEPS = checks.STEP_NAMES
STEP_CODES = (
    "SENSOR CHIP BUS AXES GRAVITY NOISE RATE BATTERY VBUS BUTTON FLASH KEY RADIO CLOCK"
).split()
VERDICTS = {n: c for n, c in CODES.items() if n not in STEP_CODES and n != "STEP_BROKE"}


def test_every_verdict_has_one_sentence_of_its_own():
    assert set(VERDICTS.values()) == set(words.SENTENCES)
    assert len(set(words.SENTENCES.values())) == len(VERDICTS)
    for text in words.SENTENCES.values():
        assert text.endswith(".") and text.count(". ") == 0 and text[0].islower()


def test_a_step_that_broke_and_a_code_of_the_future_have_words_too():
    for step, name in enumerate(STEPS):
        assert name in words.sentence(checks.STEP_BROKE + step)
    assert "update" in words.sentence(99)
    assert "update" in words.sentence(checks.STEP_BROKE + len(STEPS))


def test_bits_are_told_by_name():
    assert words.steps(0b101) == ["sensor answers", "bus"]
    assert [getattr(checks, name) for name in STEP_CODES] == list(range(len(STEPS)))


def test_what_is_known_of_a_cable_is_the_same_word_at_both_ends():
    """The host sends the place of its word; bands in the field have these numbers."""
    told = [CABLES[code] for code in (checks.CABLE_UNKNOWN, checks.CABLE_OUT, checks.CABLE_IN)]
    assert told == ["unknown", "out", "in"] == list(CABLES)
