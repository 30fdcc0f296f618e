"""Where a reference standard comes from. Pure: no database."""

from enum import StrEnum


class Source(StrEnum):
    """How sure a diagnosis can be, by how it was made."""

    HISTOLOGY = "histology"
    PANEL = "panel"  # k of n experts agreed
    FOLLOW_UP = "follow_up"
    EXPERT = "expert"  # one person
    UNKNOWN = "unknown"


class BadSource(ValueError):
    """A source that contradicts itself; the message says what to write."""


def checked(source: str, agreed: int | None, of: int | None, certainty: float | None = None) -> Source:
    """The source, if its panel and certainty fit it. Raises BadSource."""
    if source not in list(Source):
        raise BadSource(f'"{source}" is no source of truth. Use {", ".join(Source)}.')
    if source == Source.PANEL:
        if agreed is None or of is None:
            raise BadSource("A panel needs both numbers: how many agreed (panel_k) and how many there were (panel_n).")
        if not 1 <= agreed <= of:
            raise BadSource(f"{agreed} of {of} experts cannot agree. Use 1 to {of} for panel_k.")
    elif agreed is not None or of is not None:
        raise BadSource(f"Panel numbers stand beside {source}. Leave them empty, or call the source panel.")
    if certainty is not None and not 0 <= certainty <= 1:
        raise BadSource(f"The certainty is {certainty}. Use 0 to 1.")
    return Source(source)
