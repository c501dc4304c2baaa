"""Which language is spoken where, what a template carries, and what stays English."""

import asyncio
import json

import pytest
from notturno import words
from notturno.cli.speech import one_line
from notturno.errors import UserError
from notturno.refusals import Refusal, from_json
from notturno.words import catalogue, numbers, saying, speaking, spoken

TOLD = {
    "The night {night} is not stored.": "La notte {night} non c'è.",
    "{hours:.1f} of {all_h:.1f} h are missing.": "Mancano {hours:.1f} ore su {all_h:.1f}.",
    "On the {side_said}: {why_said}": "A {side_said}: {why_said}",
    "left": "sinistra",
    "It is running.": "È in corso.",
    "{n} abcdef": "{n} sei",
    "{n} abcde": "{n} cinque",
    "{why_said} {n} of all": "{why_said} {n} di tutto",
    ("jerk", 0): "scossa",
    ("jerk", 1): "scosse",
}


class Told:
    """A catalogue of the words above."""

    _catalog = TOLD

    def gettext(self, text):
        return TOLD.get(text, text)

    def ngettext(self, one, many, number):
        return TOLD.get((one, int(number != 1)), one if number == 1 else many)


@pytest.fixture
def italian(monkeypatch):
    """Speak an Italian of a few words."""
    monkeypatch.setattr(catalogue, "translations", lambda name: Told())
    monkeypatch.setattr(saying, "translations", lambda name: Told())
    saying._recognised.cache_clear()
    saying._patterns.cache_clear()
    with speaking("it"):
        yield
    saying._recognised.cache_clear()
    saying._patterns.cache_clear()


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("it", "it"),
        ("IT", "it"),
        ("it_IT.UTF-8", "it"),
        ("it-CH", "it"),
        ("it@euro", "it"),
        ("en_GB", "en"),
        ("de_DE", "en"),
        ("italian", "en"),
        ("C", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_locales_name_is_a_language_or_english(name, language):
    assert spoken.known(name) == language


def test_the_first_variable_that_is_set_holds(monkeypatch):
    for name in spoken.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert words.language() == "en"
    for name, value, language in (
        ("LANG", "it_IT.UTF-8", "it"),
        ("LC_MESSAGES", "de_DE", "en"),
        ("LC_ALL", "it_IT", "it"),
        ("NOTTURNO_LANG", "en", "en"),
    ):
        monkeypatch.setenv(name, value)
        assert words.language() == language, name
    monkeypatch.setenv("NOTTURNO_LANG", "")
    assert words.language() == "it"


def test_a_command_line_asks_by_its_last_lang():
    asked = spoken.asked
    assert asked(["nights", "--lang", "it"]) == "it"
    assert asked(["--lang=it", "nights", "--lang", "en"]) == "en"
    assert asked(["tag", "--", "--lang", "it"]) == asked([]) == asked(["--lang"]) == "en"


def test_two_languages_are_spoken_at_once():
    async def page(language):
        with speaking(language):
            await asyncio.sleep(0)
            return words.language()

    async def both():
        return await asyncio.gather(page("it"), page("en"))

    assert asyncio.run(both()) == ["it", "en"]
    with speaking("it"):
        with speaking("en"), speaking(None):
            assert words.language() == "en"
        assert words.language() == "it"


def test_a_text_is_looked_up_and_writes_numbers_as_its_language_does(italian):
    assert words._("left") == "sinistra" and words._("unheard") == "unheard" and words._("") == ""
    assert words._("{a:.2f} {b} {c!r} {d:,}").format(a=1.25, b="1.5", c=0.5, d=1200) == (
        "1,25 1.5 0.5 1.200"
    )
    assert words.n_("jerk", "jerks", 1) == "scossa" and words.counted(0, "jerk") == "0 scosse"


def test_an_error_carries_its_template_and_says_it(italian):
    error = UserError("The night {night} is not stored.", night="2026-01-31")
    assert str(error) == "The night 2026-01-31 is not stored."
    assert words.said(error) == "La notte 2026-01-31 non c'è."
    assert str(UserError("{braces} stay")) == words.said(UserError("{braces} stay"))
    assert str(UserError()) == ""


def test_a_refusal_goes_through_json_and_says_itself(italian):
    refusal = Refusal("{hours:.1f} of {all_h:.1f} h are missing.", "x", hours=2.04, all_h=8)
    form = json.loads(json.dumps(refusal.as_json()))
    assert form["refused"] == "2.0 of 8.0 h are missing." and form["code"] == "x"
    assert from_json(form) == refusal and from_json(form).as_json() == form
    assert words.said(form) == words.said(refusal) == "Mancano 2,0 ore su 8.0."
    plain = Refusal("It is running.", "y")
    assert plain.as_json() == {"refused": "It is running.", "code": "y"}
    assert words.said(plain.as_json()) == "È in corso."
    assert not refusal and hash(refusal) == hash(from_json(form))


def test_values_that_are_ours_are_said_too(italian):
    inner = Refusal("It is running.", "y")
    outer = Refusal("On the {side_said}: {why_said}", "y", side_said="left", why_said=inner)
    assert outer.reason == "On the left: It is running."
    assert words.said(outer) == "A sinistra: È in corso."
    assert words.said(outer.as_json()) == "A sinistra: È in corso."
    name = UserError("The night {night} is not stored.", night="left")  # a stranger's word
    assert words.said(name) == "La notte left non c'è."


def test_a_sentence_without_its_template_is_recognised(italian):
    assert words.said("2.0 of 8.0 h are missing.") == "Mancano 2,0 ore su 8,0."
    assert words.said("The night undated-1 is not stored.") == "La notte undated-1 non c'è."
    assert words.said("On the left: It is running.") == "A sinistra: È in corso."
    assert words.said("Nobody ever said this.") == "Nobody ever said this."


def test_a_template_of_six_letters_is_recognised_and_one_of_five_would_be_in_anything(italian):
    assert words.said("3 abcdef") == "3 sei"
    assert words.said("3 abcde") == "3 abcde"


def test_a_number_without_decimals_is_rounded():
    assert numbers.number_text(1999.7) == "2,000"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.125, "0.12 s"), (119.99, "119.99 s"), (120, "2 min"), (150.1, "3 min"), (3600, "60 min")],
)
def test_a_length_is_told_in_minutes_from_two_on(seconds, text):
    assert words.duration_text(seconds) == text


def test_of_several_sentences_each_is_recognised_however_the_first_begins(italian):
    several = "the night 1 is not stored.  It is running."
    assert words.said(several) == "la notte 1 non c'è.  È in corso."
    assert words.said("x") == "x" and words.said("ß is a letter") == "ß is a letter"
    assert words.said("nobody said this.  It is running.") == "nobody said this.  È in corso."


def test_in_english_nothing_is_looked_up(monkeypatch):
    monkeypatch.setattr(catalogue, "translations", None)
    monkeypatch.setattr(saying, "translations", None)
    assert words._("left") == "left" and type(words._("left")) is str
    assert words.said({"refused": "As it was.", "template": "As it {x}.", "values": {}}) == (
        "As it was."
    )


@pytest.mark.parametrize(
    ("language", "number", "day"),
    [("en", "1,234.5", "31 January 2026"), ("it", "1.234,5", "31 gennaio 2026")],
)
def test_numbers_and_dates_are_the_languages(language, number, day, monkeypatch):
    with speaking(language):
        assert numbers.number_text(1234.5, 1) == number
        assert numbers.date_text("2026-01-31") == day
        assert numbers.date_text("undated-ab") == "undated-ab"
        assert (numbers.number_text(None), numbers.date_text(None)) == ("-", "-")
        monkeypatch.setattr(numbers, "_babel", lambda part: None)
        assert numbers.date_text("2026-01-31") == "2026-01-31"


def test_a_help_text_is_one_line_a_paragraph_but_where_its_lines_are_fixed():
    text = """Say this
    and that.

    \b
    one
      two

    The end."""
    assert one_line(text) == "Say this and that.\n\n\b\none\n  two\n\nThe end."
