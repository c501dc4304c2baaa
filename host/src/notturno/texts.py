"""What others wrote as text: a file's bytes, a band's field, a name. Pure; touches nothing."""

MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
LOOKED_AT = 2000  # bytes that tell UTF-16 without its mark
PLAIN = "\0\t\n\r\f\v"  # what a text may hold below the blank; NUL where it was cut


def decoded(data: bytes) -> str | None:
    """Return a text: UTF-8, UTF-16 with or without its mark, else what Windows writes in the West.

    None where the bytes are no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    start = data[:LOOKED_AT]
    for at, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(start) > 3 and not any(start[at::2]):
            return data.decode(encoding, errors="replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if text[:1] == "\0" or any(mark < " " and mark not in PLAIN for mark in text[:1000]):
        return None
    return text


def listed(data: bytes) -> str | None:
    """Return the text of a list as `decoded` does, each line of it ended by \\n alone.

    An old Mac's program, and a spreadsheet that is asked for it, ends lines by \\r.
    """
    text = decoded(data)
    return None if text is None else text.replace("\r\n", "\n").replace("\r", "\n")


def printable(text: str) -> str:
    """Return a text that anybody may have sent, without what a terminal or a table would obey."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def of_a_band(field: bytes) -> str:
    """Return a text of a record or an answer: ASCII, filled up with zeros."""
    return printable(field.rstrip(b"\0").decode("ascii", "replace"))
