"""Exclusions: recorded decisions, made blind to accuracy. No row is deleted, and a decision may be taken back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Case, Reader, Reading, Study
from readerstudy.models.exclusion import Exclusion
from readerstudy.services.errors import Refused
from readerstudy.services.lock import refuse_locked
from readerstudy.services.permission import Permission, require
from readerstudy.services.unblinding import may_see_results
from webapp.accounts.models import Person
from webapp.audit.services import record


class NotBlind(Refused):
    """Who knows results cannot decide what counts."""

    code = "not_blind"


def decide_exclusion(
    *, study_id: object, kind: str, target_id: UUID, decision: Exclusion.Decision | str, reason: str, by: Person,
    at: datetime,
) -> Exclusion:  # fmt: skip
    """Exclude, or keep after all, one "reader", "case" or "reading". Raises Refused in all its kinds."""
    decision = Exclusion.Decision(decision)
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        require(by, study, Permission.EXCLUDE)
        refuse_locked(study)
        if may_see_results(study, by) and not study.simulated:
            raise NotBlind(_("You may see results of “%(title)s”. An exclusion is decided by somebody who does not.")
                           % {"title": study.title})  # fmt: skip
        return write_exclusion(study, kind, target_id, decision=decision, reason=reason, by=by, at=at)


def write_exclusion(
    study: Study, kind: str, target_id: UUID, *, decision: Exclusion.Decision, reason: str, by: Person | None,
    at: datetime,
) -> Exclusion:  # fmt: skip
    """The row and its event. The caller holds the study's lock and asked for the permission."""
    if not reason.strip():
        raise Refused(_("An exclusion needs a reason. It stands in the report of the study."))
    _require_of_study(study, kind, target_id)
    made = Exclusion.objects.create(
        study=study, decision=decision, reason=reason.strip(), by=by, at=at, **{f"{kind}_id": target_id}
    )
    record("exclusion.decided", chain=f"study:{study.id}", at=at, about=target_id, by=str(by.pk) if by else "system",
           data={"kind": kind, "decision": str(decision), "reason": reason.strip()})  # fmt: skip
    return made


def _require_of_study(study: Study, kind: str, target_id: UUID) -> None:
    rows = {
        "reader": Reader.objects.filter(study=study),
        "case": Case.objects.filter(study=study),
        "reading": Reading.objects.filter(reader__study=study, is_practice=False),
    }
    if kind not in rows:
        raise Refused(_("Only a reader, a case or a reading can be excluded, not %(kind)s.") % {"kind": kind})
    if not rows[kind].filter(pk=target_id).exists():
        raise Refused(_("“%(title)s” has no such %(kind)s.") % {"title": study.title, "kind": kind})
