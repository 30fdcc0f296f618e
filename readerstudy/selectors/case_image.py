"""Which images belong to a study, for rooms that know no studies."""

from uuid import UUID

from readerstudy.models import Case, CaseImage, Study


def images_of_study(slug: str) -> list[UUID] | None:
    """The images of its cases; None where no study has this slug."""
    if not Study.objects.filter(slug=slug).exists():
        return None
    first = Case.objects.filter(study__slug=slug).values_list("image_id", flat=True)
    further = CaseImage.objects.filter(case__study__slug=slug).values_list("image_id", flat=True)
    return [*first, *further]
