"""What leaves notturno as a file, and what comes in as one: export, import, backup, restore.

Files are always in the C locale: a point in numbers, ISO times with their offset, UTF-8. Nothing
is half written, and nothing is overwritten that nobody asked to. Figures come ready made from the
store; none is made here.
"""
