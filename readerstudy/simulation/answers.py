"""A decision as values of the questions that a stage asks, each of its kind."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from readerstudy.protocol.questions import CANNOT_TELL, CONFIDENCE_KEYS, Kind
from readerstudy.simulation.decisions import Decision, Look, Mind

OPTIMAL = 0.7  # of managements that act, or do not, as decided: those that the rubric calls optimal
TOLD = 0.5  # of optional regions that are drawn


def values_for(
    asked: Sequence[Mapping[str, Any]], decision: Decision, mind: Mind, look: Look | None, rng: Random
) -> dict[str, Any]:
    """Question -> value, as `submit` takes them. asked: the questions as `next` gives them. look: None in practice."""
    values = {}
    for one in asked:
        value = _value(one, decision, mind, look, rng)
        if value is not None:
            values[one["name"]] = value
    return values


def _value(one: Mapping[str, Any], decision: Decision, mind: Mind, look: Look | None, rng: Random) -> Any:
    """What the decision says, or for what no decision is about, what the case makes likely."""
    options = [option["value"] for option in one["options"] if option["value"] != CANNOT_TELL]
    match one["kind"]:
        case Kind.DIAGNOSIS:
            return decision.diagnosis if decision.diagnosis in options else rng.choice(options)
        case Kind.RANKED:
            known = [name for name in decision.ranked if one["free"] or name in options]
            return known[: one["most"]] or [rng.choice(options)]
        case Kind.CONFIDENCE:
            return min(CONFIDENCE_KEYS, key=lambda key: abs(key - decision.sure))
        case Kind.SCALE:
            return _on_scale(one, decision, rng)
        case Kind.ACTION:
            return decision.action
        case Kind.MANAGEMENT:
            return _management(options, decision, mind, rng)
        case _:
            return _feature_value(one, options, mind, look, rng)


def _feature_value(one: Mapping[str, Any], options: Sequence[str], mind: Mind, look: Look | None, rng: Random) -> Any:
    match one["kind"]:
        case Kind.YES_NO:
            return _feature(one, ("yes", "no"), mind, look, rng) == "yes"
        case Kind.CHOICE:
            return _feature(one, tuple(options), mind, look, rng)
        case Kind.CHECKLIST:
            marked = [name for name in options if _feature(one, ("yes", "no"), mind, look, rng, name) == "yes"]
            return marked or [options[-1]]
        case Kind.REGION:
            return _region(rng) if one["required"] or rng.random() < TOLD else None
        case _:
            return "simulated" if one["required"] else None


def _on_scale(one: Mapping[str, Any], decision: Decision, rng: Random) -> int:
    """Confidence follows the decision; trust and usefulness whether the reader agrees with the AI."""
    level = decision.sure
    if one["name"] != "confidence":
        level = 0.5 if decision.agrees is None else 0.75 if decision.agrees else 0.35
    level = min(1.0, max(0.0, level + rng.gauss(0.0, 0.12)))
    return round(one["low"] + level * (one["high"] - one["low"]))


def _management(options: Sequence[str], decision: Decision, mind: Mind, rng: Random) -> str:
    design = mind.model.design
    wanted = [one for one in options if (one in design.active) == decision.acts] if design.active else list(options)
    graded = design.rubric.get(decision.diagnosis, {})
    optimal = [one for one in wanted if graded.get(one) == "optimal"]
    return rng.choice(optimal if optimal and rng.random() < OPTIMAL else wanted or list(options))


def _feature(
    one: Mapping[str, Any], options: tuple[str, ...], mind: Mind, look: Look | None, rng: Random, part: str = ""
) -> str:
    return rng.choice(options) if look is None else mind.feature(look, f"{one['name']} {part}", options)


def _region(rng: Random) -> dict[str, float]:
    left, top = rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.4)
    return {"left": left, "top": top, "right": left + rng.uniform(0.2, 0.4), "bottom": top + rng.uniform(0.2, 0.4)}
