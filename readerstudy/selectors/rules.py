"""Which readers break a rule that the protocol stated beforehand. Nothing here knows whether an answer was right."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, Q

from readerstudy.models import Answer, Reader, Reading, Study
from readerstudy.protocol.eligibility import Breach, Counts, exclusions_for
from readerstudy.protocol.state import CLOSED, State


def broken_rules(study: Study) -> Mapping[UUID, list[Breach]]:
    """By reader, the rules that the reader's readings do not meet. Two queries, and none where no rule is stated.

    An attention check is right where the answer is the practice case's own public one.
    """
    rules = study.design.exclusions
    if not rules:
        return {}
    found = {reader: exclusions_for(counts, rules) for reader, counts in _counts(study).items()}
    return {reader: breaches for reader, breaches in found.items() if breaches}


def ruled_out(study: Study) -> Mapping[UUID, str]:
    """The readers whose readings the protocol's own rules leave out, each with the first rule that it breaks."""
    first: dict[UUID, str] = {}
    for reader, breaches in broken_rules(study).items():
        main = [one.rule for one in breaches if not one.sensitivity]
        if main:
            first[reader] = main[0]
    return first


def _counts(study: Study) -> dict[UUID, Counts]:
    mine = Q(readings__is_practice=False)
    counted, check = mine & Q(readings__counted=True), mine & Q(readings__is_attention=True)
    readers = study.readers.filter(kind=Reader.Kind.READER).annotate(
        planned=Count("readings", filter=counted),
        answered=Count("readings", filter=counted & Q(readings__state=State.ANSWERED)),
        checks=Count("readings", filter=check & Q(readings__state__in=CLOSED)),
    )
    right = _checks_right(study)
    return {
        reader.pk: Counts(
            planned=reader.planned,
            answered=reader.answered,
            attention_right=right.get(reader.pk, 0),
            attention=reader.checks,
        )
        for reader in readers
    }


def _checks_right(study: Study) -> dict[UUID, int]:
    checks = Reading.objects.filter(reader__study=study, is_attention=True)
    answers = Answer.objects.filter(reading__in=checks).values_list(
        "reading__reader", "diagnosis", "reading__practice_case__answer"
    )
    right: dict[UUID, int] = {}
    for reader, diagnosis, answer in answers:
        right[reader] = right.get(reader, 0) + (diagnosis == answer)
    return right
