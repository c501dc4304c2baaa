"""What a section of a report is made of: a title over texts and tables. Pure."""

from notturno.words import n_


def section(title: str, *blocks: dict | None) -> dict:
    """Return a section; blocks that are None are left out."""
    return {"title": title, "blocks": [block for block in blocks if block is not None]}


def text(words: str, small: bool = False) -> dict:
    """Return a block of text."""
    return {"text": words, "small": small}


def table(head: list[str], rows: list[list[str]], words: int = 1, small: bool = False) -> dict:
    """Return a table; `words` columns from the left hold words and stand to the left."""
    return {"head": head, "rows": rows, "words": words, "small": small}


def more(n: int) -> str:
    """Return that so many entries of a list are not shown."""
    return n_("and {n} more", "and {n} more", n).format(n=n)
