"""Looking people up."""

from webapp.accounts.models import Person


def known_person(email: str) -> Person | None:
    """Who may sign in under this address, however it is written."""
    return Person.objects.filter(email=email.strip().lower(), is_active=True).first()
