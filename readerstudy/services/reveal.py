"""AI output that does not come with the image: asked for by the reader, or due some seconds later."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import AidShown, FrozenAid, Reading
from readerstudy.models.reader import chain_of
from readerstudy.protocol.design import Timing
from readerstudy.protocol.state import State
from readerstudy.services.errors import LeaseLost, Refused
from readerstudy.services.reading_lock import lock_reading
from readerstudy.services.stage import aid_of
from webapp.audit.services import record

EARLY = timedelta(milliseconds=250)  # the browser's clock began at the paint, the server's a little later


def reveal_aid(
    *, slug: str, person_id: UUID, reading_id: UUID, lease: UUID, arrived_at: datetime
) -> tuple[Reading, FrozenAid]:
    """Show the AI output of the running stage; the first showing is recorded. Raises Refused, LeaseLost, NotAReader."""
    with transaction.atomic():
        reading = lock_reading(slug=slug, person_id=person_id, reading_id=reading_id)
        if reading.lease != lease:
            raise LeaseLost(_("Continued in another window. This one is paused; nothing is lost."))
        modality = reading.shown_modality
        if reading.state != State.RUNNING or modality is None:
            raise Refused(_("There is no AI output to show now."))
        due = (reading.shown_at or reading.started_at) + timedelta(seconds=modality.delay_s)
        if modality.timing == Timing.DELAYED and arrived_at < due - EARLY:
            raise Refused(_("The AI output is shown in a moment."))
        aid = aid_of(reading)
        requested = modality.timing == Timing.ON_REQUEST
        _shown, new = AidShown.objects.get_or_create(
            reading_id=reading.pk, stage=reading.stage, defaults={"aid": aid, "at": arrived_at, "requested": requested}
        )
        if new:
            record("aid.requested" if requested else "aid.shown", chain=chain_of(reading.reader_id), at=arrived_at,
                   about=reading.id, data={"stage": reading.stage})  # fmt: skip
    return reading, aid
