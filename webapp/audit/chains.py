"""Reading the chains back and saying where they break."""

from collections.abc import Callable, Iterable, Iterator

from webapp.audit.models import START, Event

# What other rooms want said as well: harmless, one sentence each.
Remarks = Callable[[], Iterable[str]]
_remarks: list[Remarks] = []
# What other rooms find broken beside the chains, such as signed rows that were changed: one sentence each.
Breaks = Callable[[], Iterable[str]]
_breaks: list[Breaks] = []


def register_remarks(remarks: Remarks) -> None:
    if remarks not in _remarks:
        _remarks.append(remarks)


def register_breaks(of_a_room: Breaks) -> None:
    if of_a_room not in _breaks:
        _breaks.append(of_a_room)


def remarks() -> Iterator[str]:
    for of_a_room in _remarks:
        yield from of_a_room()


def breaks() -> Iterator[str]:
    """One sentence per break of any chain, then what other rooms find broken. Reads every event once."""
    yield from _chain_breaks()
    for of_a_room in _breaks:
        yield from of_a_room()


def _chain_breaks() -> Iterator[str]:
    chain, index, hash_ = None, 0, START
    for event in Event.objects.order_by("chain", "index").iterator(chunk_size=2000):
        if event.chain != chain:
            chain, index, hash_ = event.chain, 0, START
        if event.index != index:
            yield f"{chain}: event {index} is missing; the next is {event.index}"
        elif event.previous_hash != hash_:
            yield f"{chain}: event {event.index} does not follow the one before it"
        if event.digest() != event.hash:
            yield f"{chain}: event {event.index} ({event.kind}) was changed after it was written"
        index, hash_ = event.index + 1, event.hash
