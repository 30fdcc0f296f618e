"""Reading the chains back and saying where they break."""

from collections.abc import Callable, Iterable, Iterator

from webapp.audit.models import START, Event

# What other rooms want `verify_audit` to look at as well, each a sentence per finding.
Check = Callable[[], Iterable[str]]
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    _checks[name] = check


def breaks() -> Iterator[str]:
    """One sentence per break of any chain, in the order of the chains. Reads every event once."""
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


def findings() -> Iterator[str]:
    """Breaks of the chains, then what the other rooms find."""
    yield from breaks()
    for name, check in _checks.items():
        yield from (f"{name}: {finding}" for finding in check())
