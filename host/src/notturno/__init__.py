"""notturno, the host side: fetch the band's records, keep, score and show them."""

__version__ = "0.1.0"
