"""The consent text in its versions: which one a reader signed, and whether it must be asked again."""

import hashlib
from datetime import datetime

from readerstudy.models import ConsentVersion, Reader, Study


def consent_sha256(study: Study) -> str:
    return hashlib.sha256(study.consent_text.encode()).hexdigest()


def keep_consent_version(study: Study, *, at: datetime) -> ConsentVersion:
    """The version of the text as it stands, made where it is new. The caller is inside a transaction."""
    sha256 = consent_sha256(study)
    known = ConsentVersion.objects.filter(study=study, sha256=sha256).first()
    if known is not None:
        return known
    return ConsentVersion.objects.create(
        study=study, number=study.consent_versions.count() + 1, text=study.consent_text, sha256=sha256, since=at
    )


def must_consent(reader: Reader) -> bool:
    """Never asked, or asked with another text than the present one. A simulated reader's consent has no text."""
    if reader.consented_at is None:
        return True
    return bool(reader.consent_sha256) and reader.consent_sha256 != consent_sha256(reader.study)
