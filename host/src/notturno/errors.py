"""The error a person is meant to read. Touches nothing."""


class UserError(Exception):
    """One sentence: what happened and what to do. The command line prints it and exits 1."""
