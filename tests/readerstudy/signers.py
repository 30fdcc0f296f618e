"""People who can sign, and studies that they locked."""

from readerstudy.models import Study
from readerstudy.services.lock import lock_study
from readerstudy.services.study import close_study
from tests.readerstudy.sample_study import NOON
from webapp.accounts.models import Person
from webapp.accounts.services import grant, person_for
from webapp.accounts.signing import set_signing_password

PASSWORD = "tall grey herons 9"


def signer(email: str = "signer@example.org", *, role: str = "administrator") -> Person:
    """A person with a signing password and, unless empty, a role on the whole site."""
    person = person_for(email, "Ada Signer")
    set_signing_password(person, PASSWORD, fresh=True, at=NOON)
    if role:
        grant(person, role)
    person.refresh_from_db()
    return person


def lock(study: Study) -> Study:
    """Close and lock a study in somebody's name."""
    close_study(study_id=study.id, by=None, at=NOON)
    lock_study(study_id=study.id, by=signer(), password=PASSWORD, at=NOON)
    study.refresh_from_db()
    return study
