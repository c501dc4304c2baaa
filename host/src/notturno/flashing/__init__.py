"""A band's program: built for its chip, carried there by cable, and changed without a moment
in which the band has none.

chips     which code a chip takes         package   the program, compiled, with its manifest
ports     where a band hangs              line      its prompt
on_band   runs on the band                update    from one version to the next
image     MicroPython itself, by esptool  settings  what a person has changed on a band
"""
