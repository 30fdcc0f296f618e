"""A reader withdraws: nothing more is asked, nothing counts, and the name leaves the pages. No row is deleted."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Exclusion, Reader, Study
from readerstudy.protocol.state import OPEN, State
from readerstudy.services.errors import Refused
from readerstudy.services.exclusion import write_exclusion
from readerstudy.services.permission import Permission, require
from webapp.accounts.models import Person
from webapp.audit.services import record


class Withdrawn(Refused):
    """The reader takes no part any more."""

    code = "withdrawn"


def withdraw_reader(*, reader_id: UUID, by: Person, reason: str, at: datetime) -> Reader:
    """By the reader, who owes no reason, or by an administrator. A second call changes nothing. Raises NotAllowed.

    After the database lock the readings stay in what was signed; only the name goes.
    """
    with transaction.atomic():
        study_id = Reader.objects.values_list("study_id", flat=True).get(pk=reader_id)
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        reader = Reader.objects.select_for_update(of=("self",)).get(pk=reader_id)
        if by.pk != reader.person_id:
            require(by, study, Permission.CONDUCT)
        if reader.withdrawn_at is not None:
            return reader
        reader.withdrawn_at = at
        reader.save(update_fields=["withdrawn_at"])
        reader.readings.filter(state__in=OPEN).update(state=State.TECHNICAL, closed_at=at)
        if study.state != Study.State.LOCKED and reader.kind == Reader.Kind.READER:
            why = _("Withdrawn. %(reason)s") % {"reason": reason.strip()} if reason.strip() else _("Withdrawn.")
            write_exclusion(study, "reader", reader.id, decision=Exclusion.Decision.EXCLUDED, reason=why, by=by, at=at)
        record("reader.withdrawn", chain=reader.chain, at=at, about=reader.id, by=str(by.pk),
               data={"by_reader": by.pk == reader.person_id})  # fmt: skip
    return reader


def refuse_withdrawn(reader: Reader) -> None:
    """Raises Withdrawn. Asked before a case is issued and before an answer is taken."""
    if reader.withdrawn_at is not None:
        raise Withdrawn(
            _("You withdrew from this study. Nothing is asked of you any more. Thank you for what you gave.")
        )
