"""A QR code in the terminal, dark on light whatever the terminal's own colours are.

Touches the standard output; the code itself is made by segno (PyPI).
"""

import sys

import click

QUIET = 4  # light modules around, which scanners need
BLACK, WHITE = 16, 231  # of the 256 colours, these two are the same everywhere
HALVES = {(0, 0): " ", (1, 0): "\u2580", (0, 1): "\u2584", (1, 1): "\u2588"}  # upper, lower
FULL = {0: "  ", 1: "##"}


def matrix_of(text: str) -> list[list[int]]:
    """Return the modules of a text's QR code with its quiet border, rows of 0 (light) and 1."""
    import segno

    code = segno.make(text, micro=False, error="m")
    return [list(row) for row in code.matrix_iter(border=QUIET)]


def drawn(matrix: list[list[int]], halves: bool = True) -> list[str]:
    """Return the lines of a matrix, two rows a line; without `halves` in ASCII, a row a line."""
    if not halves:
        return ["".join(FULL[module] for module in row) for row in matrix]
    if len(matrix) % 2:
        matrix = [*matrix, [0] * len(matrix[0])]
    pairs = zip(matrix[::2], matrix[1::2], strict=True)
    return ["".join(HALVES[pair] for pair in zip(*rows, strict=True)) for rows in pairs]


def print_qr(text: str) -> None:
    """Print the QR code of a text; the colours go where the output is no terminal."""
    from notturno.cli.streams import speaks_utf8

    halves = speaks_utf8(sys.stdout)
    for line in drawn(matrix_of(text), halves):
        if halves:
            click.echo(click.style(line, fg=BLACK, bg=WHITE))
        else:  # figures of letters are no squares: paint the background
            painted = (click.style("  ", bg=BLACK if cell == "#" else WHITE) for cell in line[::2])
            click.echo("".join(painted) if sys.stdout.isatty() else line)
