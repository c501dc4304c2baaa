"""A band's program: built for its chip, carried there by cable or radio, and changed without a
moment in which the band has none.

chips     which code a chip takes         package   the program, compiled, with its manifest
ports     where a band hangs              line      its prompt
on_band   runs on the band                board     what a band is, and what lies on it
update    from one version to the next    plain     bands from before there were slots
parcel    the same over the radio         settings  what a person has changed on a band
image     MicroPython itself, by esptool  key       the key that comes with the program
"""
