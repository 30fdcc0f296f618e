"""The tidy rows as arrays: one reader x case table a round, under one rule for time-outs.

Shape letters: J readers, K cases.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from readerstudy.results.groups import ALL, Group
from readerstudy.table.row import Row
from readerstudy.table.status import Status

Timeouts = Literal["incorrect", "exclude"]
Flags = NDArray[np.bool_]
Name = TypeVar("Name", str, tuple[str, str])
NO_ANSWER = -1
UNAIDED = frozenset({"unaided"})
NO_TRUTH = "no reference diagnosis is known: nothing can be called right or wrong"


@dataclass(frozen=True)
class Round:
    """One round's readings. outcome: 1 right, 0 wrong, nan not usable; answer: code of the label, -1 for none."""

    number: int
    modality_JK: NDArray[np.object_]
    outcome_JK: NDArray[np.float64]
    answer_JK: NDArray[np.int64]
    timed_out_JK: Flags
    time_ms_JK: NDArray[np.float64]  # answered readings only; nan elsewhere
    row_JK: NDArray[np.int32]  # which of the grid's rows stands here, -1 for none

    @cached_property
    def modalities(self) -> tuple[str, ...]:
        """In alphabetical order, unaided first."""
        return tuple(sorted(set(self.modality_JK[self.modality_JK != ""]), key=lambda name: (name != "unaided", name)))

    def in_modality(self, modality: str) -> "Round":
        """Only the readings in that modality."""
        return self.where(self.modality_JK == modality)

    def without_timeouts(self) -> "Round":
        return self.where(~self.timed_out_JK)

    def gaps_as_wrong(self, known_K: Flags) -> "Round":
        """The worst case: a planned reading that failed or never took place counts as wrong. known_K: has a truth."""
        planned_JK = (self.modality_JK != "") & known_K
        return replace(self, outcome_JK=np.where(planned_JK, np.nan_to_num(self.outcome_JK, nan=0.0), np.nan))

    def where(self, kept_JK: Flags) -> "Round":
        """Only the readings that are kept."""
        return replace(
            self,
            outcome_JK=np.where(kept_JK, self.outcome_JK, np.nan),
            answer_JK=np.where(kept_JK, self.answer_JK, NO_ANSWER),
            timed_out_JK=self.timed_out_JK & kept_JK,
            time_ms_JK=np.where(kept_JK, self.time_ms_JK, np.nan),
            row_JK=np.where(kept_JK, self.row_JK, NO_ANSWER),
        )


@dataclass(frozen=True)
class Grid:
    """All rounds over the same readers and cases, with the selections that the report is made of."""

    readers: tuple[str, ...]
    years: tuple[float | None, ...]
    cases: tuple[str, ...]
    dataset_K: NDArray[np.object_]
    labels: tuple[str, ...]
    truth_K: NDArray[np.int64]  # -1 where the case has no reference diagnosis
    ai_JK: NDArray[np.int64]  # the AI's answer for that reader's arm and case, -1 where unknown
    rounds: tuple[Round, ...]
    groups: tuple[Group, ...]
    repeats: int  # readings of a case that the reader had already read in that round, in an earlier session
    rows: Sequence[Row]
    session_R: NDArray[np.int64]  # of each row: a code of its reader and session together
    named_J: tuple[str | None, ...]  # the study's own group of the reader, beside experience
    arm_J: tuple[str | None, ...]
    unaided: frozenset[str]  # modalities that show no AI output

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.dataset_K)))

    @cached_property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Each data set's class list: every label seen in truth, answer or AI answer."""
        return {name: self._labels_of(self.dataset_K == name) for name in self.datasets}

    @cached_property
    def chance(self) -> dict[str, float]:
        """What guessing among the classes gives, each data set; `all` weighs them by their cases."""
        by_dataset = {name: 1 / len(labels) if labels else 0.0 for name, labels in self.classes.items()}
        return {ALL: float(np.mean([by_dataset[name] for name in self.dataset_K])), **by_dataset}

    @cached_property
    def group_J(self) -> tuple[str | None, ...]:
        """The name of each reader's experience group."""
        return tuple(next((g.name for g in self.groups if g.holds(years)), None) for years in self.years)

    @property
    def named_groups(self) -> tuple[str, ...]:
        return tuple(sorted({name for name in self.named_J if name is not None}))

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(sorted({name for name in self.arm_J if name is not None}))

    @property
    def strata_J(self) -> tuple[str | None, ...]:
        """What the bootstrap draws readers within: one division, for crossed ones would leave readers alone."""
        if self.arms:
            return self.arm_J
        return self.named_J if self.named_groups else self.group_J

    @property
    def has_truth(self) -> bool:
        return bool((self.truth_K != NO_ANSWER).any())

    def layer(self, one: Round, value: Callable[[Row], float | None]) -> NDArray[np.float64]:
        """One number a standing reading, J x K; nan where there is none or `value` gives None."""
        found_JK = np.full(one.row_JK.shape, np.nan)
        for j, k in np.argwhere(one.row_JK != NO_ANSWER):
            number = value(self.rows[one.row_JK[j, k]])
            if number is not None:
                found_JK[j, k] = number
        return found_JK

    def sizes(self, row_JK: NDArray[np.int32], used_JK: Flags) -> dict[str, int]:
        """How many readers, sessions, cases and readings stand behind a line of the report."""
        rows = row_JK[used_JK]
        return {
            "readers": int(used_JK.any(axis=1).sum()),
            "sessions": int(np.unique(self.session_R[rows[rows != NO_ANSWER]]).size),
            "cases": int(used_JK.any(axis=0).sum()),
            "readings": int(used_JK.sum()),
        }

    def reader_selections(self) -> Iterator[tuple[str, Flags]]:
        yield ALL, np.ones(len(self.readers), dtype=bool)
        for group in self.groups:
            yield group.name, np.array([group.holds(years) for years in self.years])
        for name in self.named_groups:
            yield name, np.array([one == name for one in self.named_J])

    def case_selections(self) -> Iterator[tuple[str, Flags]]:
        yield ALL, np.ones(len(self.cases), dtype=bool)
        for name in self.datasets:
            yield name, self.dataset_K == name

    def with_rounds(self, rounds: Iterable[Round]) -> "Grid":
        return replace(self, rounds=tuple(rounds))

    def _labels_of(self, cases_K: Flags) -> tuple[str, ...]:
        answers = [one.answer_JK[:, cases_K].ravel() for one in self.rounds]
        codes = np.concatenate([self.truth_K[cases_K], self.ai_JK[:, cases_K].ravel(), *answers])
        return tuple(sorted(self.labels[code] for code in np.unique(codes) if code != NO_ANSWER))


def grid(rows: Sequence[Row], groups: tuple[Group, ...], unaided: frozenset[str] = UNAIDED) -> Grid:
    """Arrange checked rows; time-outs are wrong, technical and missing readings nan. Raises ValueError.

    A case read again in a later session is set aside and counted: the first reading stands.
    """
    studies = {row.study for row in rows}
    if len(studies) != 1:
        raise ValueError(
            f"The table holds {len(studies)} studies ({', '.join(sorted(studies))}). Analyse one at a time."
        )
    rows = sorted(rows, key=lambda row: (row.round, row.reader, row.case, *_session_order(row.session)))
    readers, cases = _places(row.reader for row in rows), _places(row.case for row in rows)
    labels = _places(label for row in rows for label in (row.truth, row.answer, row.ai_answer) if label is not None)
    shape = len(readers), len(cases)
    dataset_K, truth_K = np.empty(len(cases), dtype=object), np.full(len(cases), NO_ANSWER, dtype=np.int64)
    ai_JK = np.full(shape, NO_ANSWER)
    of_reader: dict[str, Row] = {}
    rounds = {number: _empty_round(number, shape) for number in sorted({row.round for row in rows})}
    repeats = 0
    for at, row in enumerate(rows):
        j, k = readers[row.reader], cases[row.case]
        dataset_K[k], of_reader[row.reader] = row.dataset, row
        if row.truth is not None:
            truth_K[k] = labels[row.truth]
        if row.ai_answer is not None:
            ai_JK[j, k] = labels[row.ai_answer]
        if rounds[row.round].row_JK[j, k] != NO_ANSWER:
            repeats += 1
        else:
            rounds[row.round].row_JK[j, k] = at
            _fill(rounds[row.round], j, k, row, labels)
    last = [of_reader[name] for name in readers]
    sessions = _places((row.reader, row.session or "") for row in rows)
    return Grid(
        readers=tuple(readers),
        years=tuple(row.experience_years for row in last),
        cases=tuple(cases),
        dataset_K=dataset_K,
        labels=tuple(labels),
        truth_K=truth_K,
        ai_JK=ai_JK,
        rounds=tuple(rounds.values()),
        groups=groups,
        repeats=repeats,
        rows=rows,
        session_R=np.array([sessions[row.reader, row.session or ""] for row in rows]),
        named_J=tuple(row.group for row in last),
        arm_J=tuple(row.arm for row in last),
        unaided=unaided,
    )


def _session_order(session: str | None) -> tuple[int, str]:
    """Sessions are numbered: the tenth comes after the second."""
    text = session or ""
    return (int(text), "") if text.isdigit() else (0, text)


def _places(names: Iterable[Name]) -> dict[Name, int]:
    """Each name's place, in the order of the alphabet, so that the order of rows changes nothing."""
    return {name: place for place, name in enumerate(sorted(set(names)))}


def _empty_round(number: int, shape: tuple[int, int]) -> Round:
    return Round(
        number=number,
        modality_JK=np.full(shape, "", dtype=object),
        outcome_JK=np.full(shape, np.nan),
        answer_JK=np.full(shape, NO_ANSWER),
        timed_out_JK=np.zeros(shape, dtype=bool),
        time_ms_JK=np.full(shape, np.nan),
        row_JK=np.full(shape, NO_ANSWER, dtype=np.int32),
    )


def _fill(one: Round, j: int, k: int, row: Row, labels: dict[str, int]) -> None:
    one.modality_JK[j, k] = row.modality
    known = row.truth is not None
    if row.status is Status.ANSWERED:
        if row.answer is not None:
            one.answer_JK[j, k] = labels[row.answer]
            one.outcome_JK[j, k] = row.correct if known else np.nan
        if row.time_ms is not None:
            one.time_ms_JK[j, k] = row.time_ms
    elif row.status is Status.TIMEOUT:
        one.timed_out_JK[j, k] = True
        one.outcome_JK[j, k] = 0.0 if known else np.nan
