"""The three people that a visitor of the demo can be, and where each begins."""

from dataclasses import dataclass
from datetime import datetime

from readerstudy.models import Reader, Study
from readerstudy.services.enrolment import enrol
from readerstudy.services.study import lock_study_row
from webapp.accounts.models import Person, Role
from webapp.accounts.services import grant, person_for

LIVE_SLUG = "try-it"
REPLICA_SLUG = "replica"


@dataclass(frozen=True, slots=True)
class Part:
    """One part to play."""

    role: str
    email: str
    name: str
    begins_at: str
    grants: tuple[str, ...] = ()


PARTS = {
    part.role: part
    for part in (
        Part("administrator", "administrator@demo.invalid", "Demo administrator", "/administration/",
             (Role.Name.ADMINISTRATOR, Role.Name.ENGINEER)),
        Part("reader", "reader@demo.invalid", "Demo reader", "/read/"),
        Part("clinician", "clinician@demo.invalid", "Demo clinician", "/second-look/", (Role.Name.CLINICIAN,)),
    )
}  # fmt: skip


def person_of(part: Part) -> Person:
    """The person who plays this part, made on first use, with what the part may do."""
    person = person_for(part.email, part.name)
    for role in part.grants:
        grant(person, role)
    return person


def enrol_demo_reader(study: Study, *, at: datetime) -> Reader:
    """The demo's reader in a study, once. The caller is inside a transaction."""
    person = person_of(PARTS["reader"])
    lock_study_row(study.pk)
    return Reader.objects.filter(study=study, person=person).first() or enrol(study, person, at=at)
