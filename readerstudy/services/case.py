"""Cases join a draft: their images, the diagnoses offered for them, and the practice cases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import Case, CaseImage, Dataset, FrozenAid, PracticeCase, Study
from readerstudy.services.errors import StudyFrozen
from readerstudy.services.study import chain_of, lock_study_row
from webapp.accounts.models import Person
from webapp.audit.services import record


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be read. Its diagnosis is recorded apart, under the same id."""

    id: UUID
    image_id: UUID
    dataset: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    further: Sequence[tuple[UUID, str]] = ()  # more images, each with what it shows


@dataclass(frozen=True, slots=True)
class NewPracticeCase:
    """A case to practise on, with its public answer."""

    image_id: UUID
    dataset: str
    answer: str


def require_takes_practice_cases(study: Study) -> None:
    """Raises StudyFrozen after launch."""
    if study.state != Study.State.DRAFT:
        raise StudyFrozen(_("The study was launched. Its cases are frozen; no case was added."))


def require_takes_cases(study: Study) -> None:
    """Raises StudyFrozen after launch, and once AI output is frozen: it is there for every case or for none."""
    require_takes_practice_cases(study)
    if FrozenAid.objects.filter(case__study=study).exists():
        raise StudyFrozen(_("The AI output of this study is frozen for the cases that it has. No case was added."))


def add_cases(
    *,
    study_id: object,
    cases: Sequence[NewCase],
    classes: Mapping[str, Sequence[str]],
    save_images: Callable[[], object],
    by: Person | None,
    at: datetime,
) -> int:
    """Add cases and set what each data set offers, all or nothing. Raises StudyFrozen.

    save_images inserts the rows of new images; it runs in this transaction.
    """
    with transaction.atomic():
        study = lock_study_row(study_id)
        require_takes_cases(study)
        save_images()
        datasets = {name: _dataset(study, name, offered) for name, offered in sorted(classes.items())}
        Case.objects.bulk_create(
            (
                Case(
                    id=case.id,
                    study=study,
                    dataset=datasets[case.dataset],
                    image_id=case.image_id,
                    attributes=dict(case.attributes),
                )
                for case in cases
            ),
            batch_size=500,
        )
        CaseImage.objects.bulk_create(
            (
                CaseImage(case_id=case.id, image_id=image_id, position=position, kind=kind)
                for case in cases
                for position, (image_id, kind) in enumerate(case.further, start=2)
            ),
            batch_size=500,
        )
        if cases:
            _record(study, "cases.imported", len(cases), by=by, at=at)
    return len(cases)


def add_practice_cases(
    *,
    study_id: object,
    cases: Sequence[NewPracticeCase],
    classes: Mapping[str, Sequence[str]],
    save_images: Callable[[], object],
    by: Person | None,
    at: datetime,
) -> int:
    """Add practice cases, all or nothing. Raises StudyFrozen."""
    with transaction.atomic():
        study = lock_study_row(study_id)
        require_takes_practice_cases(study)
        save_images()
        PracticeCase.objects.bulk_create(
            PracticeCase(study=study, image_id=case.image_id, classes=sorted(classes[case.dataset]), answer=case.answer)
            for case in cases
        )
        if cases:
            _record(study, "practice_cases.imported", len(cases), by=by, at=at)
    return len(cases)


def _dataset(study: Study, name: str, offered: Iterable[str]) -> Dataset:
    dataset, _new = Dataset.objects.update_or_create(study=study, name=name, defaults={"classes": sorted(offered)})
    return dataset


def _record(study: Study, kind: str, count: int, *, by: Person | None, at: datetime) -> None:
    record(kind, chain=chain_of(study), at=at, about=study.id, by=str(by.pk) if by else "system", data={"cases": count})
