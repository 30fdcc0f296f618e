"""The second look must not read a case that somebody still reads in a study: a guard that webapp.imagery asks."""

from itertools import chain

from django.utils.translation import gettext as _

from readerstudy.models import Case, CaseImage, Study
from webapp.accounts.models import Person

BEING_READ = (Study.State.PILOT, Study.State.LIVE)
SAME_PICTURE_BITS = 36  # of 256: resized, recompressed or brightened copies lie within it, other dermoscopy beyond 40


def refuse_running_study(fingerprint: bytes, by: Person) -> str | None:
    """Why this upload is refused: its picture is a case of a study that is live. None where it is not."""
    cases = Case.objects.filter(study__state__in=BEING_READ).values_list("image__fingerprint", flat=True)
    further = CaseImage.objects.filter(case__study__state__in=BEING_READ).values_list("image__fingerprint", flat=True)
    wanted = int.from_bytes(fingerprint)
    for known in chain(cases.iterator(chunk_size=2000), further.iterator(chunk_size=2000)):
        if (wanted ^ int.from_bytes(bytes(known))).bit_count() <= SAME_PICTURE_BITS:
            return _("This picture belongs to a study that is being read now. It can be looked at when the study ends.")
    return None
