"""What a study's report needs beside its rows, gathered from the database and from truth."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q

from readerstudy.models import FrozenAid, Reader, Reading, Signature, Study
from readerstudy.protocol.design import HONEST, Design
from readerstudy.protocol.state import CLOSED
from readerstudy.results.asked import question_values
from readerstudy.results.context import Context, Excluded, Rubric
from readerstudy.selectors.exclusion import exclusions_in_force
from readerstudy.selectors.rules import ruled_out
from readerstudy.selectors.unblinding import unblinding_log
from readerstudy.table.row import Row
from readerstudy.truth.altered_sets import altered_cases

FALSE = "false"


def study_context(study: Study) -> Context:
    """Everything that the rows do not say."""
    design = study.design
    altered = altered_cases(study.id)
    return Context(
        simulated=study.simulated,
        unaided=frozenset(one.name for one in design.modalities if not one.aided),
        source_of=_source_of(design),
        questions=question_values(study),
        rubric=_rubric(design),
        ai_scores=_ai_scores(study),
        false_aids=frozenset((source, str(case)) for (source, case), kind in altered.items() if kind == FALSE),
        exclusions=exclusions(study),
        valid_shares=_valid_shares(design),
        flow=flow(study),
        protocol=protocol(study),
    )


def protocol(study: Study) -> dict[str, Any]:
    """What a report's head must say. The seed only after the database lock."""
    versions = list(study.protocol_versions.order_by("number"))
    locked = study.state == Study.State.LOCKED
    signed = Signature.objects.filter(study=study, meaning=Signature.Meaning.DATABASE_LOCK).first()
    return {
        "title": study.title,
        "ethics_committee": study.registration.get("ethics_committee", ""),
        "ethics_number": study.registration.get("ethics_number", ""),
        "registration": study.registration.get("registration", ""),
        "protocol_version": versions[-1].number if versions else None,
        "protocol_sha256": versions[-1].sha256 if versions else None,
        "amendments": [
            {"version": one.number, "at": one.frozen_at.isoformat(), "reason": one.reason} for one in versions[1:]
        ],
        "seed_sha256": study.seed_sha256,
        "seed": study.seed if locked else None,
        "locked_at": study.locked_at.isoformat() if study.locked_at else None,
        "readings_sha256": signed.sha256 if signed else None,
        "unblinded": [
            {"by": one.by, "kind": str(one.kind), "reason": one.reason, "at": one.at.isoformat()}
            for one in unblinding_log(study)
        ],
        "planned_power": versions[-1].document.get("planned_power") if versions else None,
    }


def flow(study: Study) -> dict[str, Any]:
    """Readers and readings from invitation to the analysis."""
    readers = study.readers.filter(kind=Reader.Kind.READER)
    counts = readers.aggregate(
        readers_enrolled=Count("pk"),
        readers_consented=Count("pk", filter=Q(consented_at__isnull=False)),
        readers_withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
    )
    readings = Reading.objects.filter(reader__in=readers, is_practice=False, is_attention=False)
    begun = readings.filter(state__in=CLOSED).values("reader").distinct().count()
    unfinished = readings.exclude(state__in=CLOSED).values("reader").distinct()
    finished = readers.filter(readings__state__in=CLOSED).exclude(pk__in=unfinished).distinct().count()
    states = Counter(dict(readings.values_list("state").annotate(n=Count("pk"))))
    return {
        **counts,
        "readers_begun": begun,
        "readers_finished": finished,
        "readers_excluded": sum(one.target[0] == "reader" for one in exclusions_in_force(study)),
        "readers_excluded_by_rule": len(ruled_out(study)),
        "cases": study.cases.filter(drawn=True).count(),
        "readings_planned": sum(states.values()),
        "readings_not_counted": readings.filter(counted=False).count(),
        "readings_hidden_repeats": readings.filter(occurrence__gt=1).count(),
        "readings_by_state": dict(sorted(states.items())),
    }


def exclusions(study: Study) -> tuple[Excluded, ...]:
    """The decisions in force by reason and scope, and the readings that the design itself does not count."""
    decided = Counter((one.reason, one.target[0]) for one in exclusions_in_force(study))
    found = [Excluded(reason, scope, n) for (reason, scope), n in sorted(decided.items())]
    found += [Excluded(f"rule: {rule}", "reader", n) for rule, n in sorted(Counter(ruled_out(study).values()).items())]
    uncounted = Reading.objects.filter(
        reader__study=study, reader__kind=Reader.Kind.READER, is_practice=False, counted=False
    )
    for rule, attention in (("attention case", True), ("first case, as practice", False)):
        if n := uncounted.filter(is_attention=attention).count():
            found.append(Excluded(rule, "reading", n))
    return tuple(found)


def _rubric(design: Design) -> Rubric | None:
    if not design.rubric and not (design.malignant and design.active):
        return None
    grades = {
        (diagnosis, action): grade for diagnosis, row in design.rubric.items() for action, grade in row.items()
    }  # fmt: skip
    return Rubric(grades, frozenset(design.malignant), frozenset(design.active))


def _valid_shares(design: Design) -> tuple[float, ...]:
    """The usual three, and what the protocol states."""
    stated = {one.value for one in design.exclusions if one.rule == "valid_share"}
    return tuple(sorted({*Context().valid_shares, *stated}))


def _ai_scores(study: Study) -> dict[str, float]:
    aids = FrozenAid.objects.filter(case__study=study, source=HONEST).values_list("case_id", "content")
    return {str(case): float(content["malignancy"]) for case, content in aids if content.get("malignancy") is not None}


def _source_of(design: Design) -> Callable[[Row], str]:
    by_name = {one.name: one for one in design.modalities}

    def source(row: Row) -> str:
        modality = by_name.get(row.modality)
        return modality.source_in(int(row.session or 1)) if modality else HONEST

    return source
