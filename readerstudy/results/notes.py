"""What a reader of the report must know, with the section that it concerns."""

from collections.abc import Iterator

from readerstudy.results.grid import NO_ANSWER, Grid
from readerstudy.statistics.resampling import REPLICATES

NAMED_READERS = 30  # beyond a page's line their number is enough


def notes(every: Grid, replicates: int) -> list[dict[str, str]]:
    """One sentence each, in the order of the sections."""
    said = (*_truth(every, replicates), *_groups(every), *_ai(every), *_rounds(every))
    return [{"section": section, "text": text} for section, text in said]


def _truth(every: Grid, replicates: int) -> Iterator[tuple[str, str]]:
    if not every.has_truth:
        yield "accuracy", "No case has a reference diagnosis: this report is about agreement only."
    elif missing := int((every.truth_K == NO_ANSWER).sum()):
        yield "accuracy", f"{missing} cases have no reference diagnosis: they count in agreement only."
    if replicates < REPLICATES:
        text = f"The table is large: bootstrap intervals rest on {replicates} replicates instead of {REPLICATES}."
        yield "agreement", text


def _groups(every: Grid) -> Iterator[tuple[str, str]]:
    if not every.groups:
        return
    unknown = [reader for reader, years in zip(every.readers, every.years, strict=True) if years is None]
    ungrouped = [reader for reader, group in zip(every.readers, every.group_J, strict=True) if group is None]
    if unknown:
        yield "groups", f"Years of experience are unknown for {_named(unknown)}: counted in `all` only."
    if outside := [reader for reader in ungrouped if reader not in unknown]:
        yield "groups", f"{_named(outside)} have fewer years than the lowest group: counted in `all` only."


def _ai(every: Grid) -> Iterator[tuple[str, str]]:
    if not (every.ai_JK >= 0).any():
        yield "ai_alone", "No AI answer is known for any case: nothing is said about the AI alone or reliance."
    elif missing := int((~(every.ai_JK >= 0).any(axis=0)).sum()):
        yield "ai_alone", f"{missing} cases have no AI answer: left out of AI alone and reliance only."


def _rounds(every: Grid) -> Iterator[tuple[str, str]]:
    if len(every.rounds) == 1:
        yield "change", "Only one round has readings: there is no change to test."
    for one in every.rounds:
        if len(one.modalities) > 1:
            text = f"Round {one.number} was read in several ways ({', '.join(one.modalities)})"
            yield "change", f"{text}: a change between rounds is not the effect of one of them."
    if len(every.arms) > 1 and len(every.rounds) > 1:
        text = "The arms did not read alike: a change over all readers is not the effect of the AI; see the arms."
        yield "change", text
    if every.repeats:
        text = f"{every.repeats} readings repeat a case that the reader had read in that round: the first one counts."
        yield "accuracy", text
    if all(name in every.unaided for one in every.rounds for name in one.modalities):
        yield "reliance", "No reading was made with the AI shown."


def _named(readers: list[str]) -> str:
    return ", ".join(readers) if len(readers) <= NAMED_READERS else f"{len(readers)} readers"
