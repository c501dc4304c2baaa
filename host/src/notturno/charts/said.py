"""What pictures say, in the language that is spoken. Stands in until the catalogue is there."""

try:
    from notturno.words import _, language, n_
    from notturno.words.numbers import number_text
except ImportError:

    def _(text: str) -> str:
        return text

    def language() -> str:
        return "en"

    def n_(one: str, many: str, n: int) -> str:
        return one if n == 1 else many

    def number_text(value: float, digits: int = 1) -> str:
        return f"{value:.{digits}f}"


def month_text(day) -> str:
    """Return a month's short name."""
    return _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()[day.month - 1]
