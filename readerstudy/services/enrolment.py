"""Readers join a study: invitation, consent, profile, and their part of the plan."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from readerstudy.models import Reader, Reading, Study
from readerstudy.protocol.plan import PlannedCase, reader_plan
from readerstudy.services.errors import Refused
from readerstudy.services.next_step import lock_reader
from webapp.accounts.models import Person
from webapp.accounts.services import person_for
from webapp.audit.services import record

ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


@dataclass(frozen=True, slots=True)
class Invited:
    """What came of pasted addresses."""

    new: list[Reader]
    already: list[Reader]
    unreadable: list[str]


def invite_readers(*, study_id: object, pasted: str, by: Person | None, at: datetime) -> Invited:
    """Enrol everybody named in pasted text (commas, semicolons, lines, "Name <address>"). Nobody is enrolled twice."""
    addresses, unreadable = _addresses(pasted)
    new, already = [], []
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        if study.state not in (Study.State.DRAFT, Study.State.LIVE):
            raise Refused(_("The study is closed. Nobody can be invited any more."))
        for address in addresses:
            person = person_for(address)
            known = Reader.objects.filter(study=study, person=person).first()
            if known is None:
                new.append(enrol(study, person, at=at))
            else:
                already.append(known)
        if new:
            record("readers.invited", chain=f"study:{study.id}", at=at, about=study.id,
                   by=str(by.pk) if by else "system", data={"readers": [str(r.id) for r in new]})  # fmt: skip
    return Invited(new=new, already=already, unreadable=unreadable)


def enrol(study: Study, person: Person, *, at: datetime) -> Reader:
    """Make a person a reader; in a live study the plan is drawn at once. The caller holds the study's lock."""
    number = (study.readers.aggregate(last=Max("number"))["last"] or 0) + 1
    arm = study.arms.order_by("pk")[0]
    reader = Reader.objects.create(study=study, person=person, arm=arm, number=number, enrolled_at=at)
    if study.state == Study.State.LIVE:
        lay_out_plan(study, reader)
    return reader


def lay_out_plan(study: Study, reader: Reader) -> None:
    """Write one reader's part of the plan as rows. Runs once a reader."""
    cases = [
        PlannedCase(*row) for row in study.cases.filter(drawn=True).order_by("id").values_list("id", "dataset__name")
    ]
    rounds = {one.number: one for one in study.rounds.all()}
    slots = reader_plan(cases, design=study.design, seed=study.seed, reader=str(reader.number))
    Reading.objects.bulk_create(
        (
            Reading(
                reader=reader,
                round=rounds[slot.round],
                case_id=slot.case,
                position=slot.position,
                limit_ms=rounds[slot.round].limit_ms,
                grace_ms=study.grace_ms,
                shown_cap_ms=study.shown_cap_ms,
            )
            for slot in slots
        ),
        batch_size=500,
    )


def give_consent(*, slug: str, person_id: UUID, at: datetime) -> None:
    """Record the consent to the text as it stands, by its hash. The first consent counts."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if reader.consented_at is None:
            reader.consented_at = at
            reader.consent_sha256 = hashlib.sha256(reader.study.consent_text.encode()).hexdigest()
            reader.save(update_fields=["consented_at", "consent_sha256"])
            record("reader.consented", chain=reader.chain, at=at, about=reader.id)


def save_profile(*, slug: str, person_id: UUID, experience_years: float | None, profile: dict[str, Any],
                 at: datetime) -> None:  # fmt: skip
    """Record years of experience and further coded answers, once: groups must not move while people read."""
    with transaction.atomic():
        reader = lock_reader(slug, person_id)
        if reader.profiled_at is None:
            reader.profiled_at, reader.experience_years, reader.profile = at, experience_years, profile
            reader.save(update_fields=["profiled_at", "experience_years", "profile"])
            record("reader.profile", chain=reader.chain, at=at, about=reader.id)


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
