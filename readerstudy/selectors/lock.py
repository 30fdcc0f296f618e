"""What the database lock proved: the signed hash, whether the rows still give it, and the seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from readerstudy.models import Study
from readerstudy.models.signature import Signature
from readerstudy.protocol.random_stream import seed_digest
from readerstudy.selectors.readings_document import document_sha256, readings_document


class SeedMismatch(ValueError):
    """The seed is not the one whose hash was published."""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature as it is printed."""

    by: str
    meaning: str
    sha256: str
    at: datetime


def signatures(study: Study) -> list[SignatureLine]:
    """All of a study, in their order. One query."""
    rows = Signature.objects.filter(study=study)
    return [SignatureLine(row.printed_name, row.get_meaning_display(), row.sha256, row.signed_at) for row in rows]


def revealed_seed(study: Study) -> int | None:
    """The seed of a locked study, None before. Raises SeedMismatch where it does not fit the published hash."""
    if study.state != Study.State.LOCKED:
        return None
    if seed_digest(study.seed) != study.seed_sha256:
        raise SeedMismatch(
            _("The seed of “%(title)s” is %(seed)d, whose SHA-256 is not the published %(said)s. It was changed.")
            % {"title": study.title, "seed": study.seed, "said": study.seed_sha256}
        )
    return study.seed


def lock_signature(study: Study) -> Signature | None:
    return Signature.objects.filter(study=study, meaning=Signature.Meaning.DATABASE_LOCK).first()


def readings_changed(study: Study) -> bool:
    """Whether a locked study's rows no longer give the hash that was signed. Reads every row."""
    signed = lock_signature(study)
    return signed is None or signed.sha256 != document_sha256(readings_document(study))


def broken_locks() -> Iterator[str]:
    """For verify_audit: locked studies whose rows, or whose seed, are not what was signed and published."""
    for study in Study.objects.filter(state=Study.State.LOCKED).order_by("slug"):
        if readings_changed(study):
            yield f"study {study.slug}: its readings no longer give the hash that was signed at the database lock"
        try:
            revealed_seed(study)
        except SeedMismatch as mismatch:
            yield f"study {study.slug}: {mismatch}"
