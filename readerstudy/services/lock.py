"""The database lock: the end of a study. The readings are signed, results open, the seed is revealed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Study
from readerstudy.models.signature import Signature
from readerstudy.selectors.readings_document import document_sha256, readings_document
from readerstudy.services.errors import NotReady, Refused
from readerstudy.services.permission import Permission, require
from readerstudy.services.signature import require_signing_password, write_signature
from webapp.accounts.models import Person
from webapp.audit.services import record


class StudyLocked(Refused):
    """The readings are signed: nothing about them can change any more."""

    code = "locked"


def lock_study(*, study_id: object, by: Person, password: str, at: datetime) -> Signature:
    """Sign the readings of a closed study. Raises NotAllowed, NotSigned, NotReady, StudyLocked."""
    require(by, Study.objects.get(pk=study_id), Permission.CONDUCT)
    require_signing_password(by, password, at=at)
    return _lock(study_id, by=by, at=at)


def lock_simulated_study(*, study_id: object, at: datetime) -> Signature:
    """The same, signed by the system, where readers are programs. Raises Refused for a study with people."""
    if not Study.objects.get(pk=study_id).simulated:
        raise Refused(_("People read in this study. A person must lock it, with a signature."))
    return _lock(study_id, by=None, at=at)


def refuse_locked(study: Study) -> None:
    """Raises StudyLocked. The first question of every write to what the lock signed."""
    if study.state == Study.State.LOCKED:
        raise StudyLocked(
            _("“%(title)s” was locked on %(day)s. Its readings and exclusions cannot change any more.")
            % {"title": study.title, "day": f"{study.locked_at:%Y-%m-%d}"}
        )


def _lock(study_id: object, *, by: Person | None, at: datetime) -> Signature:
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        refuse_locked(study)
        if study.state != Study.State.CLOSED:
            raise NotReady(
                _("“%(title)s” is %(state)s. Close it first: only a closed study can be locked.")
                % {"title": study.title, "state": study.get_state_display().lower()},
                faults=[],
            )
        sha256 = document_sha256(readings_document(study))
        signature = write_signature(by, meaning=Signature.Meaning.DATABASE_LOCK, sha256=sha256, study=study, at=at)
        study.state, study.locked_at = Study.State.LOCKED, at
        study.save(update_fields=["state", "locked_at"])
        record("study.locked", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk) if by else "system",
               data={"readings_sha256": sha256, "seed": study.seed, "seed_sha256": study.seed_sha256})  # fmt: skip
    return signature
