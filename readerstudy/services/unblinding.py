"""Who may see accuracy, and when: nobody before the database lock, but by a signed and logged act."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Study
from readerstudy.models.signature import Signature, Unblinding
from readerstudy.services.errors import NotReady, Refused
from readerstudy.services.permission import Permission, may, reads_in, require
from readerstudy.services.signature import hash_of, require_signing_password, write_signature
from webapp.accounts.models import Person
from webapp.audit.services import record

WITHOUT_READINGS = ("draft", "pilot")  # what a pilot reader did never counts


def may_see_results(study: Study, person: Person) -> bool:
    """After the database lock: who has the permission. Before: who unblinded, or the unblinded statistician once
    somebody did. A simulated study that has begun has nobody to unblind.
    """
    if study.state == Study.State.LOCKED:
        return may(person, study, Permission.RESULTS)
    if study.state in WITHOUT_READINGS:
        return False
    if study.simulated:
        return may(person, study, Permission.RESULTS)
    planned = Unblinding.objects.filter(study=study, kind=Unblinding.Kind.PLANNED)
    if reads_in(person, study) or not planned.exists():
        return False
    return planned.filter(signature__person=person).exists() or may(person, study, Permission.RESULTS_UNBLINDED)


def unblind(
    *, study_id: object, by: Person, password: str, reason: str, kind: Unblinding.Kind | str, at: datetime
) -> Unblinding:
    """Record that results become, or became, known before the lock. Raises NotAllowed, NotSigned, Refused, NotReady."""
    kind = Unblinding.Kind(kind)
    study = Study.objects.get(pk=study_id)
    require(by, study, Permission.UNBLIND)
    if not reason.strip():
        raise Refused(_("An unblinding needs a reason. It stands in the report of the study."))
    require_signing_password(by, password, at=at)
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        if study.state in WITHOUT_READINGS:
            raise NotReady(_("“%(title)s” has no readings yet: there is nothing to unblind.") % {"title": study.title},
                           faults=[])  # fmt: skip
        if study.state == Study.State.LOCKED:
            raise Refused(_("“%(title)s” is locked: its results are open without an unblinding.")
                          % {"title": study.title})  # fmt: skip
        about = {"study": str(study.id), "kind": str(kind), "reason": reason.strip()}
        signature = write_signature(by, meaning=Signature.Meaning.UNBLINDING, sha256=hash_of(about), study=study, at=at)
        act = Unblinding.objects.create(study=study, signature=signature, kind=kind, reason=reason.strip())
        record("study.unblinded", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk),
               data={"kind": str(kind), "reason": reason.strip()})  # fmt: skip
    return act
