"""Readers to arms: permuted blocks within every combination of profile variables, drawn from the study's seed.

The list of a stratum is a function of the seed and the stratum alone, so nobody can know the next arm without the seed.
"""

from collections.abc import Mapping

from readerstudy.protocol.design import Design
from readerstudy.protocol.random_stream import stream


def stratum_of(design: Design, profile: Mapping[str, object]) -> tuple[str, ...]:
    """The reader's value of every allocation variable; years by the groups' bounds, unknown as ""."""
    return tuple(_value(design, name, profile.get(name)) for name in design.allocation.strata)


def arm_of(design: Design, *, seed: int, stratum: tuple[str, ...], place: int) -> str:
    """The arm of the `place`-th reader (from 0) of a stratum."""
    if len(design.arms) == 1:
        return design.arms[0].name
    names = [arm.name for arm in design.arms for _ in range(arm.weight)]
    size = block_size(design)
    block = names * (size // len(names))
    stream(seed, "allocation", *stratum, str(place // size)).shuffle(block)
    return block[place % size]


def block_size(design: Design) -> int:
    """How many readers of a stratum come until the arms stand in their proportions again."""
    return design.allocation.block or 2 * sum(arm.weight for arm in design.arms)


def _value(design: Design, name: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if name != "years":
        return str(value)
    lower = [cut for cut in design.groups.cuts if cut <= float(str(value))]
    return f"from {max(lower):g}" if lower else "below"
