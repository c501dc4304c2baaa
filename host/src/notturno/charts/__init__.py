"""Pictures of nights: plain rows in, SVG or HTML out. Pure; needs no network and no library.

`page.picture` composes what `trend` (many nights) and `night` (one night) draw with `svg`.
Speaks pixels; times are UTC in ms and become clock times by `notturno.nights`.
"""
