"""Contradictions in which cases are read, as far as they show before the cases are known."""

from collections.abc import Iterable

from readerstudy.protocol.design import Design, Drawing


def draw(design: Design) -> Iterable[str]:
    for dataset, count in design.cases.draw.items():
        if count < 1:
            yield f"The draw takes {count} cases of {dataset}. Use at least 1, or leave it out to read all of them."


def batches(design: Design) -> Iterable[str]:
    cases = design.cases
    if cases.per_reader is None:
        yield from _without_batches(design)
        return
    if cases.per_reader_most is not None and cases.per_reader_most < cases.per_reader:
        yield (
            f"A reader reads {cases.per_reader} to {cases.per_reader_most} cases. Let the second number be the larger."
        )
    if cases.per_reader_most is not None and cases.drawing == Drawing.BALANCED:
        yield "Balanced batches hold equally many cases. Leave per_reader_most out, or draw at random."
    if cases.batches > 1 and len(design.rounds) > 1:
        yield "Batches can be repeated only where there is one round. Set batches to 1."


def _without_batches(design: Design) -> Iterable[str]:
    cases = design.cases
    for name, is_set in (
        ("per_reader_most", cases.per_reader_most is not None),
        ("batches", cases.batches > 1),
        ("drawing", cases.drawing != Drawing.RANDOM),
        ("stratify", bool(cases.stratify)),
    ):
        if is_set:
            yield f"The cases have {name}, but every reader reads all. Give per_reader, the size of a batch."
