"""Readers join a study: invitation, consent, profile, and their part of the plan."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Study
from readerstudy.services.consent import keep_consent_version, must_consent
from readerstudy.services.errors import Refused
from readerstudy.services.next_step import lock_reader
from readerstudy.services.plan import Strata, allocate, can_allocate, cases_to_read, draw_batches
from readerstudy.services.study_role import refuse_truther
from webapp.accounts.models import Person
from webapp.accounts.services import person_for
from webapp.audit.services import record

ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


NO_STRATA: Strata = {}


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of pasted addresses."""

    new: list[Reader]
    already: list[Reader]
    unreadable: list[str]


def invite_readers(
    *, study_id: object, pasted: str, by: Person | None, at: datetime, strata: Strata = NO_STRATA
) -> Invited:
    """Enrol everybody named in pasted text (commas, semicolons, lines, "Name <address>"). Nobody is enrolled twice."""
    addresses, unreadable = _addresses(pasted)
    new, already = [], []
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        if study.state not in (Study.State.DRAFT, Study.State.LIVE):
            raise Refused(_("The study is closed. Nobody can be invited any more."))
        for address in addresses:
            person = person_for(address)
            known = Reader.objects.filter(study=study, person=person, kind=Reader.Kind.READER).first()
            if known is None:
                new.append(enrol(study, person, at=at, strata=strata))
            else:
                already.append(known)
        if new:
            record("readers.invited", chain=f"study:{study.id}", at=at, about=study.id,
                   by=str(by.pk) if by else "system", data={"readers": [str(r.id) for r in new]})  # fmt: skip
    return Invited(new=new, already=already, unreadable=unreadable)


def enrol(
    study: Study,
    person: Person,
    *,
    at: datetime,
    strata: Strata = NO_STRATA,
    kind: str = Reader.Kind.READER,
    time_multiplier: float = 1.0,
) -> Reader:
    """Make a person a reader; in a study that reads, the batches are drawn at once. The caller holds the study's lock.

    strata: see `launch_study`. Raises TrutherCannotRead.
    """
    if kind != Reader.Kind.DRY_RUN:  # who tries a study reads nothing that counts
        refuse_truther(study, person)
    number = (study.readers.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1
    reader = Reader.objects.create(
        study=study, person=person, kind=kind, number=number, enrolled_at=at, time_multiplier=time_multiplier
    )
    if study.state == Study.State.LIVE or kind != Reader.Kind.READER:
        draw_batches(study, reader, cases_to_read(study, strata))
        if can_allocate(study, reader):
            allocate(study, reader, at=at)
    return reader


def give_consent(*, slug: str, person_id: UUID, at: datetime) -> None:
    """Record the consent to the text as it stands, by its hash. An amended text is asked for again."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if must_consent(reader):
            version = keep_consent_version(reader.study, at=at)
            reader.consented_at, reader.consent_sha256 = at, version.sha256
            reader.save(update_fields=["consented_at", "consent_sha256"])
            record("reader.consented", chain=reader.chain, at=at, about=reader.id,
                   data={"version": version.number, "sha256": version.sha256})  # fmt: skip


def save_profile(*, slug: str, person_id: UUID, experience_years: float | None, profile: dict[str, Any],
                 at: datetime) -> None:  # fmt: skip
    """Record years of experience and further coded answers, once: groups must not move while people read.

    From them the reader's arm follows, where the design allocates by the profile.
    """
    with transaction.atomic():
        Study.objects.select_for_update().filter(
            slug=slug
        ).first()  # before the reader: the concealed list counts the readers before this one
        reader = lock_reader(slug, person_id)
        if reader.profiled_at is None:
            reader.profiled_at, reader.experience_years, reader.profile = at, experience_years, profile
            reader.save(update_fields=["profiled_at", "experience_years", "profile"])
            record("reader.profile", chain=reader.chain, at=at, about=reader.id)
            if reader.study.state != Study.State.DRAFT:
                allocate(reader.study, reader, at=at)


def _addresses(pasted: str) -> tuple[list[str], list[str]]:
    found: list[str] = []
    unreadable = []
    for part in re.split(r"[,;\n]", pasted):
        if not part.strip():
            continue
        match = ADDRESS.search(part)
        if match is None or not _is_address(match.group()):
            unreadable.append(part.strip())
        elif match.group().lower() not in found:
            found.append(match.group().lower())
    return found, unreadable


def _is_address(text: str) -> bool:
    """What a person's row takes: the pattern alone would let "a..b@example.org" or a page of text through."""
    try:
        Person._meta.get_field("email").run_validators(text.lower())
    except ValidationError:
        return False
    return True
