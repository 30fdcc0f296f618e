"""Readers that are programs. A study has either real readers or simulated ones, and says which."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Reading, Study
from readerstudy.protocol.state import State
from readerstudy.services.enrolment import NO_STRATA, enrol
from readerstudy.services.errors import Refused
from readerstudy.services.plan import Strata
from readerstudy.services.study import chain_of, lock_study_row
from webapp.accounts.services import person_for
from webapp.audit.services import record

DOMAIN = "simulated.invalid"  # reserved by RFC 2606: no such address belongs to a person


def enrol_simulated(*, study_id: object, wanted: int, at: datetime, strata: Strata = NO_STRATA) -> list[Reader]:
    """The study's simulated readers, at least `wanted` of them; from now on the study is called simulated.

    strata: the class of every case, where batches are drawn by diagnosis.
    Raises Refused where a person has read a case, or where the study takes no readings.
    """
    with transaction.atomic():
        study = lock_study_row(study_id)
        if study.state != Study.State.LIVE:
            raise Refused(_("“%(title)s” takes no readings: it is not live. Launch it first.") % {"title": study.title})
        people = study.readers.exclude(person__email__endswith=f"@{DOMAIN}")
        read_by_people = Reading.objects.filter(reader__in=people, is_practice=False).exclude(state=State.PLANNED)
        if read_by_people.exists():
            raise Refused(
                _("A person has read cases of “%(title)s”. Simulated readers need a study of their own.")
                % {"title": study.title}
            )
        if not study.simulated:
            study.simulated = True
            study.save(update_fields=["simulated"])
            record("study.simulated", chain=chain_of(study), at=at, about=study.id, by="system")
        for number in range(study.readers.filter(person__email__endswith=f"@{DOMAIN}").count() + 1, wanted + 1):
            person = person_for(f"{study.slug}.{number}@{DOMAIN}", f"Simulated reader {number}")
            enrol(study, person, at=at, strata=strata)
        readers = study.readers.filter(person__email__endswith=f"@{DOMAIN}")
        return list(readers.select_related("person").order_by("number"))
