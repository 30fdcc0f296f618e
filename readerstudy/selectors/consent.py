"""The consent texts of a study, and who signed which."""

from dataclasses import dataclass
from datetime import datetime

from readerstudy.models import ConsentVersion, Reader, Study


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One version of the text, and the pseudonyms of those whose latest consent is to it."""

    number: int
    sha256: str
    since: datetime
    text: str
    signed_by: tuple[str, ...]


def consent_lines(study: Study) -> list[ConsentLine]:
    """Two queries for any number of readers."""
    signed: dict[str, list[str]] = {}
    for reader in Reader.objects.filter(study=study, kind=Reader.Kind.READER).order_by("number"):
        signed.setdefault(reader.consent_sha256, []).append(reader.pseudonym)
    return [
        ConsentLine(one.number, one.sha256, one.since, one.text, tuple(signed.get(one.sha256, ())))
        for one in ConsentVersion.objects.filter(study=study)
    ]
