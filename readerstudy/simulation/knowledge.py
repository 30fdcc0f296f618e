"""What a simulated reader is told beforehand: the cases behind its readings, their truth, and what the AI suggests.

Read from the database; the answers themselves go over the reader's own interface only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from readerstudy.models import Batch, Case, FrozenAid, Reader, Reading, Study
from readerstudy.protocol.design import Format, Modality
from readerstudy.simulation.latent import CaseFacts, Person, case_facts
from readerstudy.simulation.model import Reads
from readerstudy.truth.services import diagnoses

LABELS = (Format.RANKED, Format.LABEL, Format.SIMILAR, Format.CROWD)  # formats that suggest a diagnosis


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One reading as its reader's simulation knows it. case: None where the truth is public."""

    round: int
    session: int
    occurrence: int
    modalities: tuple[str, ...]
    case: UUID | None
    public_truth: str = ""
    public_classes: tuple[str, ...] = ()
    is_attention: bool = False


@dataclass(slots=True)
class Knowledge:
    """Of one study. Readings are looked up when they are met: batches are laid out one after another."""

    study_id: UUID
    cases: Mapping[UUID, CaseFacts]
    readings: dict[str, KeyEntry] = field(default_factory=dict)

    def entry(self, trial: str) -> KeyEntry:
        """The reading of this id. Raises KeyError where the study has none."""
        if trial not in self.readings:
            self._read_those_of(trial)
        return self.readings[trial]

    def _read_those_of(self, trial: str) -> None:
        reader = Reading.objects.values_list("reader", flat=True).get(pk=trial)
        rows = Reading.objects.filter(reader=reader).select_related("practice_case", "round")
        for row in rows:
            public = row.practice_case
            self.readings[str(row.pk)] = KeyEntry(
                round=row.round.number,
                session=row.session,
                occurrence=row.occurrence,
                modalities=tuple(row.modalities),
                case=row.case_id,
                public_truth=public.answer if public else "",
                public_classes=tuple(public.classes) if public else (),
                is_attention=row.is_attention,
            )


def knowledge_of(study: Study, *, seed: int, drawn_only: bool = True) -> Knowledge:
    """Every case that a study reads, or every one that it holds, with what the seed makes of it."""
    truth = diagnoses(study.id)
    rows = Case.objects.filter(study=study).select_related("dataset").order_by("id")
    if drawn_only:
        rows = rows.filter(drawn=True)
    cases = {
        case.id: case_facts(
            case=str(case.id), dataset=case.dataset.name, truth=truth.get(case.id, ""), classes=case.dataset.classes,
            seed=seed,
        )
        for case in rows
    }  # fmt: skip
    return Knowledge(study.id, cases)


def reads_of(study: Study, knowledge: Knowledge, people: Sequence[Person]) -> Reads:
    """Which reader will read which case in which session, as far as every reader goes."""
    place = {case: at for at, case in enumerate(knowledge.cases)}
    wanted = {one.number: (at, one.batches) for at, one in enumerate(people)}
    readers, cases, sessions = [], [], []
    rows = Batch.objects.filter(reader__study=study, reader__kind=Reader.Kind.READER)
    for number, session, case_ids in rows.values_list("reader__number", "number", "case_ids"):
        at, most = wanted.get(number, (0, 0))
        if session > most:
            continue
        readers += [at] * len(case_ids)
        cases += [place[UUID(case)] for case in case_ids]
        sessions += [session] * len(case_ids)
    arms = study.readers.filter(kind=Reader.Kind.READER).values_list("number", "arm__name")
    return Reads(
        people=people,
        cases=list(knowledge.cases.values()),
        arms={number: arm or "" for number, arm in arms},
        suggested=_suggested(study),
        reader_N=np.array(readers, dtype=int),
        case_N=np.array(cases, dtype=int),
        session_N=np.array(sessions, dtype=int),
    )


def suggested_label(aid: Mapping[str, Any] | None) -> str:
    """The diagnosis that AI output suggests to who sees it, as the API gives it; "" where it names none."""
    if not aid:
        return ""
    if aid.get("ranked"):
        return str(aid["ranked"][0]["label"])
    if aid.get("label"):
        return str(aid["label"])
    if aid.get("similar"):
        return Counter(one["label"] for one in aid["similar"]).most_common(1)[0][0]
    votes = aid.get("crowd") or {}
    return max(votes, key=lambda label: votes[label], default="")


def _suggested(study: Study) -> dict[tuple[str, str, str], str]:
    """(case, modality, source) -> label, for every modality that shows one."""
    aids = list(FrozenAid.objects.filter(case__study=study))
    found = {}
    for modality in study.design.modalities:
        if not set(modality.shows) & set(LABELS):
            continue
        for aid in aids:
            found[str(aid.case_id), modality.name, aid.source] = suggested_label(_shown(modality, aid))
    return found


def _shown(modality: Modality, aid: FrozenAid) -> dict[str, Any]:
    parts = {
        Format.RANKED: aid.ranked,
        Format.LABEL: aid.answer,
        Format.SIMILAR: aid.content.get("similar"),
        Format.CROWD: aid.content.get("crowd"),
    }
    return {str(one): parts[one] for one in modality.shows if one in parts}
