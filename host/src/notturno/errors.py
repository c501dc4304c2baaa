"""The error a person is meant to read. Touches nothing."""


class UserError(Exception):
    """One sentence that says what happened and what to do; the command line prints it and exits 1."""
