"""Other rooms may forbid an upload, such as the picture of a running study in the second look.

They register here, so that this room need not know them.
"""

from collections.abc import Callable

from webapp.accounts.models import Person
from webapp.imagery.errors import UploadRefused

# Given a fingerprint (32 bytes) and who uploads: None, or a sentence why not.
Guard = Callable[[bytes, Person], str | None]
_guards: list[Guard] = []


def register_guard(guard: Guard) -> Guard:
    if guard not in _guards:
        _guards.append(guard)
    return guard


def require_allowed(fingerprint: bytes, *, by: Person) -> None:
    """Raises UploadRefused with the first guard's reason."""
    for guard in _guards:
        if reason := guard(fingerprint, by):
            raise UploadRefused(reason)
