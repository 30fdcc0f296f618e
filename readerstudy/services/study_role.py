"""Roles in one study: given and ended by a signed act. Truth and reading never meet in one person."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Study
from readerstudy.models.signature import Signature, Unblinding
from readerstudy.models.study_role import StudyRole
from readerstudy.services.errors import Refused
from readerstudy.services.permission import Permission, reads_in, require
from readerstudy.services.signature import hash_of, require_signing_password, write_signature
from webapp.accounts.models import Person, Role
from webapp.accounts.services import grant, person_for
from webapp.audit.models import Event
from webapp.audit.services import record

KNOWS_TRUTH = frozenset({StudyRole.Name.TRUTH_MANAGER, StudyRole.Name.STATISTICIAN_UNBLINDED})
TRUTH_EVENTS = ("truth.seen", "truth.changed")


class TrutherCannotRead(Refused):
    """One person would know the truth of a study and read in it."""

    code = "truther_cannot_read"


def grant_study_role(
    *, study_id: object, email: str, role: StudyRole.Name | str, by: Person, password: str, at: datetime
) -> StudyRole:
    """Give a role. Raises NotAllowed, NotSigned, TrutherCannotRead, ValidationError for an address that is none."""
    role = StudyRole.Name(role)
    require(by, Study.objects.get(pk=study_id), Permission.TEAM)
    require_signing_password(by, password, at=at)
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        person = person_for(email)
        if role in KNOWS_TRUTH and reads_in(person, study):
            raise TrutherCannotRead(
                _("%(person)s reads in “%(title)s” and must not know its truth. Give the role %(role)s to another.")
                % {"person": person, "title": study.title, "role": role.label}
            )
        held = StudyRole.objects.filter(study=study, person=person, role=role, ended_at__isnull=True).first()
        if held is not None:
            return held
        given = StudyRole.objects.create(study=study, person=person, role=role, granted_by=by, granted_at=at)
        grant(person, Role.Name.TEAM)
        about = {"study": str(study.id), "person": str(person.pk), "role": str(role)}
        write_signature(by, meaning=Signature.Meaning.ROLE_GRANTED, sha256=hash_of(about), study=study, at=at)
        record("role.granted", chain=f"study:{study.id}", at=at, about=person.pk, by=str(by.pk),
               data={"role": str(role)})  # fmt: skip
    return given


def end_study_role(*, study_id: object, role_id: int, by: Person, password: str, at: datetime) -> None:
    """End a role; its row stays. A second call changes nothing. Raises NotAllowed, NotSigned."""
    require(by, Study.objects.get(pk=study_id), Permission.TEAM)
    require_signing_password(by, password, at=at)
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        held = StudyRole.objects.filter(pk=role_id, study=study, ended_at__isnull=True).first()
        if held is None:
            return
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        about = {"study": str(study.id), "person": str(held.person_id), "role": held.role}
        write_signature(by, meaning=Signature.Meaning.ROLE_ENDED, sha256=hash_of(about), study=study, at=at)
        record("role.ended", chain=f"study:{study.id}", at=at, about=held.person_id, by=str(by.pk),
               data={"role": held.role})  # fmt: skip


def refuse_truther(study: Study, person: Person) -> None:
    """Raises TrutherCannotRead for who knows, or knew, the truth of this study. Asked before anybody is enrolled."""
    if knows_truth(study, person):
        raise TrutherCannotRead(
            _("%(person)s knows the truth of “%(title)s” and cannot read in it. Enrol somebody else.")
            % {"person": person, "title": study.title}
        )


def knows_truth(study: Study, person: Person) -> bool:
    """By a role that is held or has ended, by having opened the truth page, or by having unblinded results."""
    if StudyRole.objects.filter(study=study, person=person, role__in=KNOWS_TRUTH).exists():
        return True
    if Unblinding.objects.filter(study=study, signature__person=person).exists():
        return True
    return Event.objects.filter(chain=f"study:{study.id}", kind__in=TRUTH_EVENTS, by=str(person.pk)).exists()
