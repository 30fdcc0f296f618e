"""Signing: a person's password first, then an append-only row beside what is signed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from readerstudy.models import Study
from readerstudy.models.signature import Signature
from readerstudy.services.errors import Refused
from webapp.accounts.models import Person
from webapp.accounts.signing import SigningRefused, check_signing_password
from webapp.audit.services import record

SYSTEM = "system"


class NotSigned(Refused):
    """The signing password is missing, wrong or locked. Nothing was written."""

    code = "not_signed"


def require_signing_password(person: Person, password: str, *, at: datetime) -> None:
    """Raises NotSigned. Before the transaction of the signed act, so that a wrong password is counted."""
    try:
        check_signing_password(person, password, at=at)
    except SigningRefused as refused:
        raise NotSigned(refused.message, why=refused.code) from refused


def sign(
    person: Person, password: str, *, meaning: Signature.Meaning, sha256: str, study: Study, at: datetime
) -> Signature:
    """Sign one hash. The caller holds the study's lock. Raises NotSigned."""
    require_signing_password(person, password, at=at)
    return write_signature(person, meaning=meaning, sha256=sha256, study=study, at=at)


def write_signature(
    person: Person | None, *, meaning: Signature.Meaning, sha256: str, study: Study, at: datetime
) -> Signature:
    """The row and its event, after the password was checked; None: the system signs. The caller holds the lock."""
    printed = f"{person.name} <{person.email}>".strip() if person else SYSTEM
    signature = Signature.objects.create(
        study=study, person=person, printed_name=printed, meaning=meaning, sha256=sha256, signed_at=at
    )
    by = str(person.pk) if person else SYSTEM
    record("study.signed", chain=f"study:{study.id}", at=at, about=signature.id, by=by,
           data={"meaning": str(meaning), "sha256": sha256, "printed_name": printed})  # fmt: skip
    return signature


def hash_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of plain values as canonical JSON: what is signed where no document exists."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
