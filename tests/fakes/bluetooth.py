"""MicroPython's module `bluetooth`, as far as a service needs it to be imported."""


class UUID:
    """A UUID; only its text matters here."""

    def __init__(self, text):
        self.text = text
