"""A study by its address."""

from readerstudy.models import Reader, Study


def study_at(slug: str) -> Study | None:
    """None where no study has that address. One query."""
    return Study.objects.filter(slug=slug).first()


def has_readers(study: Study) -> bool:
    """Whether anybody whose readings count is enrolled."""
    return study.readers.filter(kind=Reader.Kind.READER).exists()
