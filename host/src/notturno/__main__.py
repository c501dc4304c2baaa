"""`python -m notturno`: the same as the command `notturno`."""

from notturno.cli import main

main()
