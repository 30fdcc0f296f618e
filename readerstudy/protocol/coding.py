"""Free text to the entries of a list: synonyms first, then two coders, and a third where they differ."""

from collections import Counter
from collections.abc import Mapping, Sequence

NONE_OF_THEM = ""


def plain_text(text: str) -> str:
    """A text as it is compared: lower case, single spaces."""
    return " ".join(text.lower().split())


def known_code(text: str, *, options: Sequence[str], synonyms: Mapping[str, str]) -> str | None:
    """The entry that a text names by itself, as written or by a synonym; None where people must decide."""
    wanted = plain_text(text)
    by_name = {plain_text(option): option for option in options}
    by_synonym = {plain_text(name): entry for name, entry in synonyms.items()}
    return by_name.get(wanted) or by_synonym.get(wanted)


def agreed_code(codes: Sequence[str]) -> str | None:
    """What two coders agree on; of three, the majority. None while nobody can say."""
    if len(codes) < 2:
        return None
    (code, times), *others = Counter(codes).most_common()
    return code if times >= 2 and all(times > other for _code, other in others) else None
