"""Whether the AI of a study has learnt from the images that the study reads."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from readerstudy.models import CaseImage, Study
from readerstudy.services.study_images import SAME_PICTURE_BITS
from webapp.inference.learnt import learnt_images


@dataclass(frozen=True, slots=True)
class Overlap:
    """Cases of which the model knows a picture, or a near copy; `known` is False where the model cannot say."""

    cases: frozenset[UUID]
    known: bool = True


def training_overlap(study: Study) -> Overlap:
    """Two queries and one file. A study without a model overlaps with nothing."""
    if study.aid_model is None:
        return Overlap(frozenset())
    pictures = [
        *study.cases.values_list("id", "image_id", "image__fingerprint"),
        *CaseImage.objects.filter(case__study=study).values_list("case_id", "image_id", "image__fingerprint"),
    ]
    fingerprints = {image: bytes(one) for _case, image, one in pictures}
    learnt = learnt_images(study.aid_model, fingerprints, bits=SAME_PICTURE_BITS)
    if learnt is None:
        return Overlap(frozenset(), known=False)
    return Overlap(frozenset(case for case, image, _one in pictures if image in learnt))


def overlap_faults(study: Study) -> list[str]:
    """What blocks the launch, in words."""
    cases = training_overlap(study).cases
    if not cases:
        return []
    named = ", ".join(sorted(str(case)[:8] for case in cases)[:5])
    return [
        ngettext(
            "The AI has learnt from %(n)d case, or a near copy of it (%(named)s). Train it with --exclude-study "
            "%(slug)s, or leave the case out.",
            "The AI has learnt from %(n)d cases, or near copies of them (%(named)s). Train it with --exclude-study "
            "%(slug)s, or leave the cases out.",
            len(cases),
        )
        % {"n": len(cases), "named": named, "slug": study.slug}
    ]


def overlap_warnings(study: Study) -> list[str]:
    """What somebody should know before the launch, and that does not block it."""
    if study.aid_model is None or training_overlap(study).known:
        return []
    return [
        _("%(model)s does not say which images it has learnt from. Whether it knows a case of this study is unknown.")
        % {"model": study.aid_model}
    ]
