"""The sentences that the report's numbers make: the quotable one, and the finding above each figure."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from readerstudy.analytics import lookup, numbers

Report = dict[str, Any]


def round_name(one: dict[str, Any]) -> str:
    """`Round 2, with AI`; where one reading has stages, their name: `Round 2, with AI (final)`."""
    stage = f" ({one['stage']})" if one["stage"] else ""
    if not one["aided"]:
        return _("Round %(n)s, without AI") % {"n": one["round"]} + stage
    if len(one["modalities"]) == 1:
        return _("Round %(n)s, with AI") % {"n": one["round"]} + stage
    return _("Round %(n)s (%(modalities)s)") % {"n": one["round"], "modalities": ", ".join(one["modalities"])} + stage


def headline(report: Report) -> str:
    """The sentence that a clinician can quote."""
    if not report["study"]["has_truth"]:
        return _("This study has no reference standard: it reports how far %(n)s readers agree.") % {
            "n": report["study"]["readers"]
        }
    first, last = lookup.rounds(report)
    mixed = next(filter(None, (say(report) for say in (_beyond_control, _of_arms, _of_modalities))), None)
    sentences = [mixed or (_after(report, first, last) if last else _before(report, first))]
    ai = lookup.one(report["ai_alone"], dataset="all")
    if ai and ai["accuracy"] is not None:
        sentences.append(_("The AI alone: %(share)s.") % {"share": numbers.percent(ai["accuracy"], 1)})
    return " ".join(sentences)


def _beyond_control(report: Report) -> str | None:
    """With a control arm: what the AI added to a second look."""
    row = lookup.one(report["difference_of_differences"], group="all")
    if row is None or row["difference"] is None:
        return None
    said = _(
        "Readers with AI gained %(own)s points, those without %(other)s: a difference of %(difference)s points"
    ) % {
        "own": numbers.points(row["change_arm"], 1),
        "other": numbers.points(row["change_control"], 1),
        "difference": numbers.decimal(100 * row["difference"], 1),
    }
    interval = numbers.percent_interval(row["ci_low"], row["ci_high"]).strip("()")
    return said + (_(" (95 %% CI %(interval)s).") % {"interval": interval} if interval else ".")


def _of_arms(report: Report) -> str | None:
    """Arms that all saw some AI: each one's last round."""
    last = report["study"]["rounds"][-1]["round"]
    return _each(lookup.pick(report["arms"], round=last, group="all"), "arm", last)


def _of_modalities(report: Report) -> str | None:
    """Modalities that change from case to case: each one's share in the last round."""
    last = report["study"]["rounds"][-1]["round"]
    return _each(lookup.pick(report["modalities"], round=last, group="all"), "modality", last)


def _each(rows: list[dict[str, Any]], name: str, number: int) -> str | None:
    known = [row for row in rows if row["value"] is not None]
    if len(known) < 2:
        return None
    parts = [
        f"{row[name]} {numbers.percent(row['value'], 1)}"
        + ("" if row["change"] is None else f" ({numbers.points(row['change'], 1)})")
        for row in known
    ]
    said = _("Right answers in round %(n)s: %(parts)s.") if all(row["change"] is None for row in known) else _(
        "Right answers in round %(n)s, with the change from the first in points: %(parts)s."
    )  # fmt: skip
    return said % {"n": number, "parts": ", ".join(parts)}


def slopes_finding(report: Report) -> str:
    """How many readers improved."""
    first, last = lookup.rounds(report)
    own = _by_reader(report, first["round"])
    if last is None:
        values = sorted(own.values())
        if not values:
            return _("No reading can be scored yet")
        return _("Readers were right in %(low)s to %(high)s of their readings") % {
            "low": numbers.percent(values[0], 1),
            "high": numbers.percent(values[-1], 1),
        }
    later = _by_reader(report, last["round"])
    both = [name for name in own if name in later]
    better = sum(later[name] > own[name] for name in both)
    return ngettext(
        "%(better)s of %(n)s reader was more often right in round %(round)s",
        "%(better)s of %(n)s readers were more often right in round %(round)s",
        len(both),
    ) % {"better": better, "n": len(both), "round": last["round"]}


def accuracy_finding(report: Report) -> str:
    """Which group gained most, or the spread between groups."""
    _first, last = lookup.rounds(report)
    groups = lookup.group_names(report)
    if last is None or not groups:
        return _("Right answers by experience and data set")
    gains = [
        (row["difference"], row["group"])
        for row in lookup.pick(report["change"], dataset="all", to_round=last["round"])
        if row["group"] in groups and row["difference"] is not None
    ]
    if not gains:
        return _("Right answers by experience and data set")
    gain, group = max(gains)
    if not group.startswith("["):
        return _("%(group)s changed most: %(points)s points") % {"group": group, "points": numbers.points(gain, 1)}
    return _("Readers with %(years)s years changed most: %(points)s points") % {
        "years": years(group),
        "points": numbers.points(gain, 1),
    }


def reliance_finding(report: Report) -> str:
    """What happened where the AI was wrong and the reader had been right."""
    kept = report["reliance"]["over_reliance"]
    if kept["value"] is None:
        return _("What readers did with the AI's answer")
    return _("Where the AI was wrong and the reader had been right, %(count)s of %(n)s answers became wrong") % {
        "count": kept["count"],
        "n": kept["n"],
    }


def agreement_finding(report: Report) -> str:
    """Percent agreement in each round."""
    found = [
        lookup.one(report["agreement"], round=one["round"], group="all", dataset="all", statistic="percent")
        for one in lookup.rounds(report)
        if one
    ]
    shares = [numbers.percent(row["value"], 1) for row in found if row and row["value"] is not None]
    if len(shares) == 2:
        return _("Two readers gave the same answer in %(before)s of cases, in the last round in %(after)s") % {
            "before": shares[0],
            "after": shares[1],
        }
    if shares:
        return _("Two readers gave the same answer in %(share)s of cases") % {"share": shares[0]}
    return _("Agreement and time")


def years(group: str) -> str:
    """`[0,3)` as `0 to under 3`; `[5,inf)` as `5 or more`."""
    low, high = group.strip("[)").split(",")
    if high == "inf":
        return _("%(low)s or more") % {"low": low}
    return _("%(low)s to under %(high)s") % {"low": low, "high": high}


def group_title(group: str) -> str:
    """Experience in words; a group that the study names, as it is named."""
    if group == "all":
        return _("All readers")
    return _("%(years)s years") % {"years": years(group)} if group.startswith("[") else group


def dataset_title(dataset: str) -> str:
    return _("All cases") if dataset == "all" else dataset


def _after(report: Report, first: dict[str, Any], last: dict[str, Any]) -> str:
    row = lookup.pooled(report, last["round"])
    change = lookup.one(report["change"], group="all", dataset="all", to_round=last["round"])
    if row is None or row["accuracy"] is None:
        return _before(report, first)
    aided = len(last["modalities"]) == 1 and bool(last["aided"]) and not first["aided"]
    text = _right(row, _("With AI") if aided else _("In round %(n)s") % {"n": last["round"]})
    if change is None or change["difference"] is None:
        return text + "."
    points = {"points": numbers.decimal(100 * abs(change["difference"]), 1)}
    more = change["difference"] >= 0
    text += (_(", %(points)s points more than") if more else _(", %(points)s points less than")) % points
    text += " " + (_("without") if aided else _("in round %(n)s") % {"n": first["round"]})
    if change["ci_low"] is None:
        return text + "."
    interval = {"low": numbers.decimal(100 * change["ci_low"], 1), "high": numbers.decimal(100 * change["ci_high"], 1)}
    return text + _(" (95 %% CI %(low)s to %(high)s).") % interval


def _before(report: Report, first: dict[str, Any]) -> str:
    row = lookup.pooled(report, first["round"])
    if row is None or row["accuracy"] is None:
        return _("No reading can be scored yet.")
    text = _right(row, _("In round %(n)s") % {"n": first["round"]})
    return f"{text} {numbers.percent_interval(row['ci_low'], row['ci_high'])}".strip() + "."


def _right(row: dict[str, Any], when: str) -> str:
    values = {"when": when, "n": row["readers"], "share": numbers.percent(row["accuracy"], 1)}
    return (
        ngettext(
            "%(when)s, %(n)s reader was right in %(share)s of readings",
            "%(when)s, %(n)s readers were right in %(share)s of readings",
            row["readers"],
        )
        % values
    )


def _by_reader(report: Report, number: int) -> dict[str, float]:
    found = {one["reader"]: lookup.of_reader(report, number, one["reader"]) for one in report["readers"]}
    return {name: row["accuracy"] for name, row in found.items() if row and row["accuracy"] is not None}
