"""The platform's own keyring, where a person wants the keys in it: Keychain, Credential Locker ...

Touches the keyring through the package `keyring`, which is loaded only here.
"""

import contextlib
from collections.abc import Iterator
from types import ModuleType

from notturno.errors import Phrase, UserError


def get(service: str, entry: str) -> str | None:
    """Return what an entry holds; None where there is none. Raises UserError."""
    with _plainly() as keyring:
        return keyring.get_password(service, entry)


def put(service: str, entry: str, text: str) -> None:
    """Keep a text, and look whether it was kept: some keyrings take everything and keep nothing.

    Raises UserError.
    """
    with _plainly() as keyring:
        keyring.set_password(service, entry, text)
        if keyring.get_password(service, entry) != text:
            raise _advice(Phrase("it keeps nothing"))


def forget(service: str, entry: str) -> None:
    """Remove an entry, if there is one and the keyring lets us."""
    with contextlib.suppress(UserError), _plainly() as keyring:
        keyring.delete_password(service, entry)


@contextlib.contextmanager
def _plainly() -> Iterator[ModuleType]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise UserError(
            "Keys in the platform's keyring need the package keyring; install it with  "
            "pip install 'notturno[keyring]'."
        ) from error
    try:
        yield keyring
    except (KeyringError, OSError, RuntimeError) as error:
        raise _advice(type(error).__name__) from error


def _advice(why: Phrase | str) -> UserError:
    return UserError(
        "This computer's keyring cannot be used ({why_said}); unlock it, or unset "
        "NOTTURNO_KEYRING to keep new keys in files.",
        why_said=why,
    )
