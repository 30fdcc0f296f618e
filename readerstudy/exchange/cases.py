"""Import cases from a folder and its CSV: every fault is named by line, and nothing stays where there is one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from uuid import UUID, uuid4

from readerstudy.exchange.case_table import CaseRow, csv_in, read_cases
from readerstudy.exchange.layout import Layout
from readerstudy.exchange.subset import only, stratified
from readerstudy.models import Study
from readerstudy.services.case import (
    NewCase,
    NewPracticeCase,
    add_cases,
    add_practice_cases,
    require_takes_cases,
    require_takes_practice_cases,
)
from readerstudy.table.reading import BadRow, BadRows
from readerstudy.truth.services import Reference, diagnoses, record_references
from webapp.accounts.models import Person
from webapp.imagery.batch import Batch, Source, near_copies
from webapp.imagery.models import Image


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of the CSV are wanted, and what their data sets offer."""

    practice: bool = False
    only: Path | None = None
    limit: int | None = None
    seed: int = 0
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # data set ("" for every one) -> diagnoses
    keep_first_of_copies: bool = False
    split: str = ""  # only the rows of this part of the data set, such as "test"
    new_id: Callable[[], UUID] = uuid4  # of a case; the plan hangs on it, so a simulated study draws it from its seed


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import did. `warnings` and `left_out` name lines of the CSV."""

    file: str
    added: int
    already: int
    mix: Mapping[str, Mapping[str, int]]  # data set -> diagnosis -> cases added
    left_out: list[BadRow]
    warnings: list[BadRow]
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A row and its picture files."""

    row: CaseRow
    image: Source
    mask: Source | None
    further: tuple[tuple[Source, str], ...] = ()

    @property
    def sources(self) -> list[Source]:
        """Every file of the row."""
        return [self.image, *([self.mask] if self.mask else []), *(source for source, _kind in self.further)]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the study holds already, by image."""

    cases: Mapping[UUID, tuple[UUID, str]]  # image -> case, data set
    practice: Mapping[UUID, str]  # image -> answer
    truth: Mapping[UUID, str]  # case -> diagnosis
    offered: Mapping[str, Sequence[str]]  # data set -> diagnoses


def import_cases(
    study: Study, place: Path, layout: Layout, choice: Choice, *, by: Person | None, at: datetime
) -> Imported:
    """Import the wanted rows, all or nothing; rows that are there already are left as they are.

    Raises BadRows with every fault, StudyFrozen where the study takes none, StorageFull; then nothing was kept.
    """
    (require_takes_practice_cases if choice.practice else require_takes_cases)(study)
    file = csv_in(place)
    table = read_cases(file, layout, reference=study.design.reference)
    rows = _wanted(table.rows, choice)
    taken, left_out = _without_copies(rows, keep_first=choice.keep_first_of_copies)
    known = _known(study)
    classes = _classes(taken, known, choice)
    batch = Batch(source for one in taken for source in one.sources)
    try:
        _require_readable(batch, taken)
        new, already = _not_yet_there(taken, batch, known, practice=choice.practice)
        near = _near(study, new, batch)
        _save(study, new, batch, classes, choice, by=by, at=at)
    except BaseException:
        batch.remove()
        raise
    return Imported(
        file=file.name,
        added=len(new),
        already=already,
        mix=_mix(new),
        left_out=left_out,
        warnings=near,
        ignored_columns=table.ignored_columns,
    )


def _wanted(rows: Sequence[CaseRow], choice: Choice) -> list[CaseRow]:
    chosen = only(rows, choice.only) if choice.only else list(rows)
    if choice.split:
        chosen = _of_split(chosen, choice.split)
    return stratified(chosen, limit=choice.limit, seed=choice.seed) if choice.limit is not None else chosen


def _of_split(rows: Sequence[CaseRow], split: str) -> list[CaseRow]:
    """The rows of one part. Raises BadRows where no row is of it: a misspelt part must not read as an empty one."""
    chosen = [row for row in rows if row.split.casefold() == split.casefold()]
    if not chosen:
        there = ", ".join(sorted({row.split for row in rows if row.split})) or "none: the CSV has no column split"
        raise BadRows([BadRow(0, f'no row is of the split "{split}". There are: {there}.')])
    return chosen


def _without_copies(rows: Iterable[CaseRow], *, keep_first: bool) -> tuple[list[_Taken], list[BadRow]]:
    """Rows with their files' digests. A picture that stands twice is a fault, or left out where that is wished."""
    first: dict[str, CaseRow] = {}
    taken, left_out, bad = [], [], []
    for row in rows:
        image = Source.of(row.image, Image.Kind.PHOTO)
        same = first.setdefault(image.sha256, row)
        if same is row:
            mask = Source.of(row.mask, Image.Kind.MASK) if row.mask else None
            further = tuple((Source.of(path, Image.Kind.PHOTO), kind) for path, kind in row.further)
            taken.append(_Taken(row=row, image=image, mask=mask, further=further))
            continue
        copy = f'"{row.name}" is the same picture as "{same.name}" on line {same.line}'
        if (same.diagnosis, same.dataset) != (row.diagnosis, row.dataset):
            bad.append(BadRow(row.line, f'{copy}, but "{row.diagnosis}" here and "{same.diagnosis}" there. '
                                        "Find out which is right."))  # fmt: skip
        elif keep_first:
            left_out.append(BadRow(row.line, f"{copy}; left out."))
        else:
            bad.append(BadRow(row.line, f"{copy}. Remove one of them, or import with --copies first."))
    if bad:
        raise BadRows(bad)
    return taken, left_out


def _known(study: Study) -> _Known:
    cases = study.cases.values_list("image_id", "id", "dataset__name")
    return _Known(
        cases={image: (case, dataset) for image, case, dataset in cases},
        practice=dict(study.practice_cases.values_list("image_id", "answer")),
        truth=diagnoses(study.id),
        offered=dict(study.datasets.values_list("name", "classes")),
    )


def _classes(taken: Sequence[_Taken], known: _Known, choice: Choice) -> dict[str, list[str]]:
    """What each data set offers from now on. Raises BadRows for a diagnosis that is not among a fixed list."""
    offered: dict[str, list[str]] = {}
    bad: list[BadRow] = []
    for dataset in dict.fromkeys(one.row.dataset for one in taken):
        seen = {one.row.diagnosis for one in taken if one.row.dataset == dataset and one.row.diagnosis}
        fixed = choice.classes.get(dataset) or choice.classes.get("") or known.offered.get(dataset)
        if fixed is None:
            offered[dataset] = sorted(seen)
            continue
        lost = set(known.offered.get(dataset, ())) - set(fixed)
        if lost:
            bad.append(BadRow(0, f"--classes leaves out {', '.join(sorted(lost))}, which {dataset} offers already."))
        bad += [
            BadRow(one.row.line, _unknown(one.row, sorted(fixed)))
            for one in taken
            if one.row.dataset == dataset and one.row.diagnosis and one.row.diagnosis not in fixed
        ]
        offered[dataset] = sorted(fixed)
    if bad:
        raise BadRows(bad)
    return offered


def _unknown(row: CaseRow, classes: list[str]) -> str:
    near = get_close_matches(row.diagnosis, classes, n=1)
    meant = f'Did you mean "{near[0]}"? ' if near else ""
    return f'"{row.diagnosis}" is no class of {row.dataset}. {meant}Use {", ".join(classes)}, or add it with --classes.'


def _require_readable(batch: Batch, taken: Sequence[_Taken]) -> None:
    refused = batch.write()
    bad = [
        BadRow(one.row.line, f"{source.path.name}: {refused[source.key]}")
        for one in taken
        for source in one.sources
        if source.key in refused
    ]
    if bad:
        raise BadRows(bad)


def _not_yet_there(taken: Sequence[_Taken], batch: Batch, known: _Known, *, practice: bool) -> tuple[list[_Taken], int]:
    """The rows that are new. Raises BadRows where a picture is there with another meaning."""
    new, bad = [], []
    for one in taken:
        image_id = batch.image(one.image).id
        reason = _contradiction(one.row, image_id, known, practice=practice)
        if reason:
            bad.append(BadRow(one.row.line, f'"{one.row.name}" {reason}'))
        elif image_id not in (known.practice if practice else known.cases):
            new.append(one)
    if bad:
        raise BadRows(bad)
    return new, len(taken) - len(new)


def _contradiction(row: CaseRow, image_id: UUID, known: _Known, *, practice: bool) -> str | None:
    if practice and image_id in known.cases:
        return "is a case of this study. A picture to practise on must be another one."
    if not practice and image_id in known.practice:
        return "is practised on in this study. A case must be another picture."
    if practice:
        there = known.practice.get(image_id, row.diagnosis)
    else:
        case, dataset = known.cases.get(image_id, (None, row.dataset))
        if dataset != row.dataset:
            return f"is there already, in the data set {dataset}. Remove the row, or correct its data set."
        there = known.truth.get(case, row.diagnosis)
    if there != row.diagnosis:
        return f'is there already as "{there}", not "{row.diagnosis}". Find out which is right.'
    return None


def _near(study: Study, new: Sequence[_Taken], batch: Batch) -> list[BadRow]:
    """Warnings of pictures that look alike: perhaps one lesion twice."""
    there = list(Image.objects.filter(pk__in=study.cases.values("image")).only("id", "fingerprint"))
    there += Image.objects.filter(pk__in=study.practice_cases.values("image")).only("id", "fingerprint")
    images = [batch.image(one.image) for one in new]
    rows = {image.id: one.row for image, one in zip(images, new, strict=True)}
    warnings = []
    for index, like in near_copies(images, there):
        other = rows.get(like.id)
        what = f'"{other.name}" on line {other.line}' if other else "a picture that the study holds"
        row = new[index].row
        warnings.append(BadRow(row.line, f'"{row.name}" looks like {what}. Perhaps one lesion twice: please look.'))
    return warnings


def _save(
    study: Study,
    new: Sequence[_Taken],
    batch: Batch,
    classes: Mapping[str, Sequence[str]],
    choice: Choice,
    *,
    by: Person | None,
    at: datetime,
) -> None:
    """Truth first and repeatably, then everything else in one transaction."""
    common = {"study_id": study.id, "classes": classes, "save_images": batch.save, "by": by, "at": at}
    if choice.practice:
        add_practice_cases(
            cases=[NewPracticeCase(batch.image(o.image).id, o.row.dataset, o.row.diagnosis) for o in new], **common
        )
        return
    ids = [choice.new_id() for _one in new]
    record_references(study.id, _references(ids, new, batch), at=at)
    cases = [
        NewCase(
            case_id,
            batch.image(one.image).id,
            one.row.dataset,
            one.row.attributes,
            further=[(batch.image(source).id, kind) for source, kind in one.further],
        )
        for case_id, one in zip(ids, new, strict=True)
    ]
    add_cases(cases=cases, **common)


def _references(ids: Sequence[UUID], new: Sequence[_Taken], batch: Batch) -> Iterator[Reference]:
    for case_id, one in zip(ids, new, strict=True):
        if not one.row.diagnosis:
            continue  # a study without a reference standard
        mask_id = batch.image(one.mask).id if one.mask else None
        agreed, of = one.row.panel
        yield Reference(
            case_id=case_id,
            diagnosis=one.row.diagnosis,
            mask_id=mask_id,
            source=one.row.source,
            panel_agreed=agreed,
            panel_of=of,
        )


def _mix(new: Iterable[_Taken]) -> dict[str, dict[str, int]]:
    counts = Counter((one.row.dataset, one.row.diagnosis) for one in new)
    mix: dict[str, dict[str, int]] = {}
    for (dataset, diagnosis), count in sorted(counts.items()):
        mix.setdefault(dataset, {})[diagnosis] = count
    return mix
