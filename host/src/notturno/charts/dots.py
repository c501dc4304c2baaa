"""A curve as lines of characters, for a terminal: dots of braille, or of plain ASCII. Pure."""

# The bit of each dot in a braille character, by column and row (Unicode 3.0, block 2800).
BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
ASCII = (((1, 2),), " '.:")  # one column of two dots, and the character of each sum


def lines(
    values: list, low: float, high: float, width: int, height: int, braille: bool = True
) -> list[str]:
    """Return `height` lines of at most `width` characters; low and high: the edges of the panel.

    A column of dots shows all values from the least to the most of its samples, and joins its
    neighbour. None leaves its place empty.
    """
    bits = BRAILLE if braille else ASCII[0]
    across, down = len(bits), len(bits[0])
    columns, rows = width * across, height * down
    sums = [[0] * width for _ in range(height)]
    before = None
    for column in range(columns):
        first = column * len(values) // columns
        part = values[first : max(first + 1, (column + 1) * len(values) // columns)]
        part = [value for value in part if value is not None]
        if not part:
            before = None
            continue
        top, bottom = (_row(pick(part), low, high, rows) for pick in (max, min))
        ends = (top, bottom)
        if before is not None:  # next to the last column's nearest dot
            top, bottom = min(top, before[1] + 1), max(bottom, before[0] - 1)
        before = ends
        for row in range(top, bottom + 1):
            sums[row // down][column // across] |= bits[column % across][row % down]
    if braille:
        return ["".join(chr(0x2800 + one) for one in line) for line in sums]
    return ["".join(ASCII[1][one] for one in line) for line in sums]


def _row(value: float, low: float, high: float, rows: int) -> int:
    """Return the row of dots, from the top, on which a value lies."""
    return min(rows - 1, max(0, int((high - value) / (high - low) * rows)))
