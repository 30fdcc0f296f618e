"""Another washout for one reader, as an exception that is recorded with its reason."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Round, Study, WashoutOverride
from readerstudy.protocol.design import LONGEST_WASHOUT_DAYS
from readerstudy.services.errors import Refused
from readerstudy.services.permission import Permission, require
from webapp.accounts.models import Person
from webapp.audit.services import record


def override_washout(
    *, reader_id: UUID, round_number: int, washout_days: float, reason: str, by: Person, at: datetime
) -> WashoutOverride:
    """Set it for one round that the reader has not begun. Raises NotAllowed, Refused."""
    with transaction.atomic():
        study_id = Reader.objects.values_list("study_id", flat=True).get(pk=reader_id)
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        require(by, study, Permission.CONDUCT)
        reader = Reader.objects.select_for_update(of=("self",)).get(pk=reader_id)
        one = _round(study, reader, round_number)
        if not reason.strip():
            raise Refused(_("Another washout needs a reason. It stands in the report of the study."))
        if not 0 <= washout_days <= LONGEST_WASHOUT_DAYS:
            raise Refused(
                _("The washout is %(days)s. Use 0 to %(most)d days.")
                % {"days": washout_days, "most": LONGEST_WASHOUT_DAYS}
            )
        made = WashoutOverride.objects.create(
            reader=reader, round=one, washout_days=washout_days, reason=reason.strip(), by=by, at=at
        )
        record("washout.overridden", chain=f"study:{study.id}", at=at, about=reader.id, by=str(by.pk),
               data={"round": one.number, "planned_days": one.washout_days, "days": washout_days,
                     "reason": reason.strip()})  # fmt: skip
    return made


def washout_days_for(reader: Reader, one: Round) -> float:
    """The washout before this round for this reader: the design's, or the latest override. One query.

    A dry run has none: who tries a study does not wait two weeks.
    """
    if reader.kind == Reader.Kind.DRY_RUN:
        return 0.0
    override = WashoutOverride.objects.filter(reader=reader, round=one).order_by("pk").last()
    return override.washout_days if override else one.washout_days


def _round(study: Study, reader: Reader, number: int) -> Round:
    if study.state != Study.State.LIVE:
        raise Refused(_("“%(title)s” is not live: no reader waits for a round.") % {"title": study.title})
    one = study.rounds.filter(number=number).first()
    if one is None or number == 1:
        raise Refused(_("Round %(n)d has no washout before it.") % {"n": number})
    if reader.readings.filter(round=one, is_practice=False, closed_at__isnull=False).exists():
        raise Refused(_("%(who)s has begun round %(n)d. Its washout is over.") % {"who": reader.pseudonym, "n": number})
    return one
