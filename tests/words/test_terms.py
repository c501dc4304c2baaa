"""Italian says one thing by one word, in forms that its nouns and numbers ask for."""

import re
import sys
from pathlib import Path

import pytest
from notturno.words import _, n_, said, speaking
from notturno.words.written import Written

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE / "host" / "tools"))
make_words = pytest.importorskip("make_words")  # needs babel

GLOSSARY = HOUSE / ".github" / "GLOSSARY.md"
# What is typed or named in a text is no term of it: fields, options, commands, files, columns.
TYPED = re.compile(
    r"\{[^}]*\}|--[\w-]+|notturno( [a-z]+)*|\w+\.(?:parquet|csv|json|html|zip)|\w+(?:,\w+)+"
)
ALIKE = {"record", "serie", "LM", "file"}  # one form for one and for many


def terms():
    """Return [(English words, Italian beginnings, wrong beginnings)] of the glossary's table."""
    table = GLOSSARY.read_text(encoding="utf-8").partition("## In Italian")[2]
    found = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or cells[0] in ("English", "---") or cells[0].startswith("-"):
            continue
        english = [one.strip() for one in re.sub(r"\([^)]*\)", "", cells[0]).split(",")]
        parts = [[one.strip() for one in cell.split("/") if one.strip()] for cell in cells[1:]]
        found.append((english, *parts))
    return found


def texts():
    """Return [(English, all forms of the Italian)] of the catalogue."""
    found = []
    for message in make_words.read("it"):
        if message.id:
            plural = isinstance(message.id, tuple)
            told = message.string if plural else (message.string,)
            found.append((message.id[0] if plural else message.id, told))
    return found


TERMS, TEXTS = terms(), texts()


def test_the_table_is_read():
    assert len(TERMS) > 25 and (["detector"], ["rilevator"], ["rivelator"]) in TERMS


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term[0][0])
def test_a_term_has_one_word_in_italian(term):
    english, right, wrong = term
    word = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, english))})(?:s|es)?(?![\w-])")
    begins = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, right))})", re.IGNORECASE)
    never = wrong and re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wrong))})", re.IGNORECASE)
    left = []
    for text, told in TEXTS:
        for one in told:
            if never and never.search(one):
                left.append(one)
            # A word that stands in the Italian as it is in the English is typed, not said.
            names = set(word.findall(TYPED.sub("", text)))
            if any(name not in one for name in names) and not begins.search(one):
                left.append((text, one))
    assert left == []


def test_one_and_many_differ_where_their_nouns_do():
    left = [told for _text, told in TEXTS if len(told) > 1 and told[0] == told[1]]
    assert [one for one in left if not ALIKE & set(re.findall(r"\w+", one[0]))] == []
    assert all(len(told) == 2 for _text, told in TEXTS if len(told) > 1)


@pytest.mark.parametrize(("n", "told"), [(1, "1,6 Hz, 1 battito"), (2, "1,6 Hz, 2 battiti")])
def test_one_beat_is_one(n, told):
    with speaking("it"):
        text = n_("{hz} Hz, {n} beat", "{hz} Hz, {n} beats", n)
        assert text.format(hz="1,6", n=n) == told
    assert n_("{hz} Hz, {n} beat", "{hz} Hz, {n} beats", n).format(hz="1.6", n=n)[:6] == "1.6 Hz"


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("La notte del {x}", "8 gennaio 2026", "La notte dell'8 gennaio 2026"),
        ("La notte del {x}", "11 gennaio 2026", "La notte dell'11 gennaio 2026"),
        ("La notte del {x}", "18 gennaio 2026", "La notte del 18 gennaio 2026"),
        ("La notte del {x}", "2026-01-08", "La notte del 2026-01-08"),
        ("giusto il {x}", "83 %", "giusto l'83 %"),
        ("Il {x} delle ore", "80 %", "L'80 %"),
        ("dal {x}", "8,5", "dall'8,5"),
        ("al {x}", "110", "al 110"),
        ("il {x}", "11%", "l'11%"),
        ("nel {x} delle righe", "8 %", "nell'8 %"),
        ("fil {x}", "8", "fil 8"),
    ],
)
def test_an_article_loses_its_vowel_before_eight_and_eleven(text, value, told):
    with speaking("it"):
        assert Written(text).format(x=value).startswith(told)


def test_an_article_is_right_in_what_is_recognised_too():
    with speaking("it"):
        assert said("88% of it was not recorded.").startswith("L'88% di essa")
        assert _("{share:.0%} of it was not recorded.").format(share=0.88).startswith("L'88%")
        assert _("{share:.0%} of it was not recorded.").format(share=0.78).startswith("Il 78%")
