"""The four figures as plotly JSON. Colours are names of tokens (`--ink`): the page's theme gives their values.

The drawing holds no number that the report does not hold. A figure is a Finding with its data and layout; what it says
in words (title, subtitle, method) stands in the page, not in the drawing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from readerstudy.analytics import drawing, lookup, numbers, wording
from readerstudy.analytics.drawing import Drawing

Report = dict[str, Any]

NAMED_READERS = 60  # more names than this do not fit below the drawing; pointing at a dot says them
FIRST_COLUMN_END = 0.46
LABEL_NEEDS = 15  # percent of a row that the words in a bar need


@dataclass(frozen=True, slots=True)
class Figure:
    """title: its finding; subtitle: what it is; tables: the names of the tables with the same numbers."""

    name: str
    title: str
    subtitle: str
    method: str
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    drawing: Drawing


def figures(report: Report, *, simulated: bool) -> list[Figure]:
    """Every figure of the page. simulated: each drawing carries the words, so that a saved picture does too."""
    makers: tuple[Callable[[Report], Figure], ...] = (_slopes, _accuracy, _reliance, _agreement)
    if not report["study"]["has_truth"]:
        makers = (_agreement,)
    elif not report["reliance"]["pairs"]:
        makers = (_slopes, _accuracy, _agreement)
    made = [make(report) for make in makers]
    if simulated:
        for figure in made:
            figure.drawing["layout"] |= drawing.stamp()
    return made


def _slopes(report: Report) -> Figure:
    """A short slope a reader, in columns by experience, sorted by the first round."""
    first, last = lookup.rounds(report)
    groups = [*lookup.group_names(report), None]
    traces, annotations, ticks, place = [], [], [], 0.0
    for group in groups:
        readers = [one["reader"] for one in report["readers"] if lookup.group_of(report, one) == group]
        scores = sorted(filter(None, (_score(report, name, first, last) for name in readers)), key=lambda one: one[1])
        if not scores:
            continue
        title = _("years unknown") if group is None else wording.group_title(group)
        middle = place + (len(scores) - 1) / 2
        annotations.append(drawing.words(f"{title} (n={len(scores)})", middle, 1.0, yref="paper", yanchor="bottom"))
        traces.append(_slope_lines(scores, place))
        traces += _slope_dots(scores, place, first, last)
        if len(report["readers"]) <= NAMED_READERS:
            ticks += [(place + at, name) for at, (name, _before, _after) in enumerate(scores)]
        place += len(scores) + 1
    shapes, lines = _levels(report, "all", -0.8, place - 1.2)
    lowest = min((one for trace in traces for one in trace["y"] if one is not None), default=0)
    bottom = 10 * max(int((min(lowest, 100 * report["study"]["chance"]) - 5) // 10), 0)
    layout = drawing.layout(annotations + lines, shapes, height=420, titled=False)
    layout["xaxis"] = drawing.axis(
        "", tickvals=[at for at, _n in ticks], ticktext=[n for _a, n in ticks], showgrid=False
    )
    layout["xaxis"]["range"] = [-0.8, place - 1.2]
    layout["yaxis"] = drawing.axis(
        _("Right answers, %% (axis from %(low)s to 100)") % {"low": bottom}, range=[bottom, 101]
    )
    subtitle = _("Share of right answers of each reader over all cases, sorted by the first round.")
    if last:
        subtitle += " " + _("Open: round %(a)s. Filled: round %(b)s.") % {"a": first["round"], "b": last["round"]}
    return Figure(
        name="slopes",
        title=wording.slopes_finding(report),
        subtitle=subtitle,
        method=_(
            "Each reader's right answers over the reader's usable readings. A time-out counts as wrong. One reader's "
            "interval (Wilson) is in the table. Chance: guessing evenly among the classes of each case's data set."
        ),
        tables=("readers",),
        notes=("readers", "ai"),
        drawing={"data": traces, "layout": layout},
    )


def _accuracy(report: Report) -> Figure:
    """Accuracy with its interval, by group and round, a panel for all cases and each data set."""
    datasets = ["all", *lookup.dataset_names(report)]
    groups = ["all", *lookup.group_names(report)]
    traces, annotations, shapes, axes = [], [], [], {}
    for panel, dataset in enumerate(datasets):
        axis = "" if panel == 0 else str(panel + 1)
        width = 1 / len(datasets)
        axes[f"xaxis{axis}"] = drawing.axis(
            "", domain=[panel * width + 0.02, (panel + 1) * width - 0.02], range=[-0.5, len(groups) - 0.5],
            tickvals=list(range(len(groups))), ticktext=[_short(group) for group in groups], showgrid=False,
        )  # fmt: skip
        title = drawing.words(wording.dataset_title(dataset), (panel + 0.5) * width, 1.0, xref="paper", yref="paper")
        annotations.append({**title, "yanchor": "bottom"})
        places = _beside(len(lookup.conditions(report)))
        for place, (one, modality) in zip(places, lookup.conditions(report), strict=True):
            traces.append(_interval_trace(report, one, modality, groups, dataset, axis, place=place))
        lines, texts = _levels(report, dataset, -0.5, len(groups) - 0.5, axis=axis)
        shapes += lines
        annotations += texts
    layout = drawing.layout(annotations, shapes, height=400, titled=False)
    layout |= axes
    layout["yaxis"] = drawing.axis(_("Right answers, % (axis from 0 to 100)"), range=[0, 101])
    return Figure(
        name="accuracy",
        title=wording.accuracy_finding(report),
        subtitle=_("Right answers with 95 % intervals by years of experience. Open: first round. Filled: last round."),
        method=_(
            "Readers and cases are both random: Obuchowski-Rockette with jackknife covariance and Hillis' degrees of "
            "freedom, interval on the logit scale. Where readings are missing: the one-shot U-statistic. The AI alone: "
            "Wilson over its cases. Change and p-values are in the tables; Holm over data sets and over groups."
        ),
        tables=("accuracy", "change"),
        notes=("round_2_by_group", "ai"),
        drawing={"data": traces, "layout": layout},
    )


def _reliance(report: Report) -> Figure:
    """Before and AI as rows, after as parts of each row, with counts."""
    table = report["reliance"]["table"]
    words = {
        ("wrong", "wrong"): _("Reader wrong, AI wrong"),
        ("wrong", "right"): _("Reader wrong, AI right"),
        ("right", "wrong"): _("Reader right, AI wrong"),
        ("right", "right"): _("Reader right, AI right"),
    }
    totals = {key: sum(table["_".join((*key, after))] for after in ("right", "wrong")) for key in words}
    labels = [f"{words[key]} (n = {totals[key]})" for key in words]
    traces, counts_after = [], []
    for after, title, colour in (("right", _("right"), drawing.AFTER), ("wrong", _("wrong"), "--warn")):
        counts = [table["_".join((*key, after))] for key in words]
        shares = [100 * n / totals[key] if totals[key] else 0 for n, key in zip(counts, words, strict=True)]
        counts_after.append([f"{n} {title}" for n in counts])
        traces.append(_share_bars(labels, shares, _("%(right)s after") % {"right": title}, colour))
    annotations = [
        {**drawing.words(", ".join(said), 1.01, label, xref="paper"), "xanchor": "left"}
        for label, *said in zip(labels, *counts_after, strict=True)
    ]
    layout = drawing.layout(annotations, [], height=320)
    layout |= {"barmode": "stack", "bargap": 0.25}
    layout["margin"] |= {"l": 230, "r": 150}
    layout["xaxis"] = drawing.axis(_("Share of the readings in each row, %"), range=[0, 100])
    layout["yaxis"] = drawing.axis("", showgrid=False)
    subtitle = _("What became of %(n)s pairs of readings, by who was right before.") % {
        "n": report["reliance"]["pairs"]
    }
    if report["reliance"]["warning"]:
        subtitle += " " + report["reliance"]["warning"]
    return Figure(
        name="reliance",
        title=wording.reliance_finding(report),
        subtitle=subtitle,
        method=_(
            "Pairs of readings of the same reader and case, first without and then with the AI. A time-out counts as "
            "wrong; pairs with a technical failure or a missing reading are left out. Without a control arm, change "
            "includes what would have changed without the AI. Intervals: two-way bootstrap of readers and cases."
        ),
        tables=("reliance", "reliance_table", "ai_alone"),
        notes=("ai", "readers"),
        drawing={"data": traces, "layout": layout},
    )


def _agreement(report: Report) -> Figure:
    """Left: percent and Fleiss' kappa by round. Right: median time with quartiles by round and group."""
    kept = [row for row in report["agreement"] if row["group"] == "all" and row["value"] is not None]
    kept = [row for row in kept if row["statistic"] in ("percent", "fleiss_kappa")]
    traces, labels = [], list(dict.fromkeys(_agreement_label(row) for row in kept))
    for at, one in enumerate(filter(None, lookup.rounds(report))):
        of_round = lookup.pick(kept, round=one["round"])
        points = [(labels.index(_agreement_label(row)) + 0.15 * (2 * at - 1), row) for row in of_round]
        traces.append(_forest(points, one, "value", ("ci_low", "ci_high"), "", first=at == 0, scale=1))
    groups = list(dict.fromkeys(row["group"] for row in report["timing"] if row["median_ms"] is not None))
    for at, one in enumerate(filter(None, lookup.rounds(report))):
        of_round = [row for row in lookup.pick(report["timing"], round=one["round"]) if row["group"] in groups]
        points = [(groups.index(row["group"]) + 0.15 * (2 * at - 1), row) for row in of_round]
        traces.append(_forest(points, one, "median_ms", ("q1_ms", "q3_ms"), "2", first=at == 0, scale=1000))
    layout = drawing.layout([], [], height=340)
    layout["xaxis"] = drawing.axis(_("Agreement (0 to 1)"), domain=[0.0, FIRST_COLUMN_END], range=[0, 1])
    layout["yaxis"] = drawing.axis(
        "", tickvals=list(range(len(labels))), ticktext=labels, automargin=True, showgrid=False, autorange="reversed"
    )
    layout["xaxis2"] = drawing.axis(
        _("Seconds to answer, median and quartiles"), domain=[0.66, 1.0], rangemode="tozero"
    )
    layout["yaxis2"] = drawing.axis(
        "", tickvals=list(range(len(groups))), ticktext=[_short(group) for group in groups], showgrid=False,
        anchor="x2", automargin=True, autorange="reversed",
    )  # fmt: skip
    return Figure(
        name="agreement",
        title=wording.agreement_finding(report),
        subtitle=_("Agreement with 95 % intervals, and time to answer. Open: first round. Filled: last round."),
        method=_(
            "Percent: share of agreeing pairs of readers. Kappa corrects for chance; it is given by data set where "
            "class lists differ. A time-out is a missing rating. Intervals: two-way bootstrap of readers and cases. "
            "Times are of answered readings; time-outs are counted beside."
        ),
        tables=("agreement", "timing"),
        notes=("readers", "timing"),
        drawing={"data": traces, "layout": layout},
    )


def _share_bars(labels: list[str], shares: list[float], title: str, colour: str) -> Drawing:
    return {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": shares,
        "text": [title if share > LABEL_NEEDS else "" for share in shares],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": "--on-fill"},
        "marker": {"color": colour},
        "hovertemplate": "%{x:.1f} % " + title + "<extra></extra>",
    }


def _score(report: Report, reader: str, first: Report, last: Report | None) -> tuple[str, float, float | None] | None:
    """(reader, percent right in the first round, in the last)."""
    values = [
        row and row["accuracy"]
        for one in (first, last)
        for row in [one and lookup.of_reader(report, one["round"], reader)]
    ]
    if values[0] is None:
        return None
    return reader, 100 * values[0], None if values[1] is None else 100 * values[1]


def _slope_lines(scores: list, place: float) -> Drawing:
    xs, ys = [], []
    for at, (_name, before, after) in enumerate(scores):
        if after is not None:
            xs += [place + at - 0.22, place + at + 0.22, None]
            ys += [before, after, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": drawing.READER, "width": 1.5},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _slope_dots(scores: list, place: float, first: Report, last: Report | None) -> list[Drawing]:
    traces = []
    for one, offset, value in ((first, -0.22, 1), (last, 0.22, 2)):
        if one is None:
            continue
        kept = [
            (place + at + (offset if last else 0), score) for at, score in enumerate(scores) if score[value] is not None
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [x for x, _score in kept],
                "y": [score[value] for _x, score in kept],
                "text": [score[0] for _x, score in kept],
                "marker": drawing.marker(first=one is first),
                "hovertemplate": "%{text}: %{y:.1f} %<extra>" + wording.round_name(one) + "</extra>",
                "showlegend": False,
            }
        )
    return traces


def _beside(count: int) -> list[float]:
    """Where markers of one group stand, so that none hides another."""
    return [0.0] if count < 2 else [0.12 * (2 * at - (count - 1)) / max(1, (count - 1) / 2) for at in range(count)]


def _interval_trace(
    report: Report, one: Report, modality: str, groups: list[str], dataset: str, axis: str, *, place: float
) -> Drawing:
    first = one is lookup.rounds(report)[0]
    name = wording.round_name(one) if len(one["modalities"]) == 1 else f"{wording.round_name(one)}: {modality}"
    kept = []
    for at, group in enumerate(groups):
        row = lookup.pooled(report, one["round"], modality=modality, group=group, dataset=dataset)
        if row and row["accuracy"] is not None:
            kept.append((at + place, row))
    return {
        "type": "scatter",
        "mode": "markers",
        "xaxis": f"x{axis}",
        "yaxis": "y",
        "x": [x for x, _row in kept],
        "y": [100 * row["accuracy"] for _x, row in kept],
        "error_y": drawing.error_bars([row for _x, row in kept], "accuracy", ("ci_low", "ci_high"), 100, first=first),
        "marker": drawing.marker(first=first),
        "customdata": [f"{row['correct']}/{row['readings']}" for _x, row in kept],
        "hovertemplate": "%{y:.2f} % (%{customdata})<extra>" + drawing.plain(name) + "</extra>",
        "showlegend": False,
    }


def _forest(
    points: list, one: Report, value: str, limits: tuple[str, str], axis: str, *, first: bool, scale: int
) -> Drawing:
    kept = [(y, row) for y, row in points if row[value] is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "x": [row[value] / scale for _y, row in kept],
        "y": [y for y, _row in kept],
        "error_x": drawing.error_bars([row for _y, row in kept], value, limits, 1 / scale, first=first),
        "marker": drawing.marker(first=first),
        "hovertemplate": "%{x:.3~f}<extra>" + wording.round_name(one) + "</extra>",
        "showlegend": False,
    }


def _levels(report: Report, dataset: str, low: float, high: float, *, axis: str = "") -> tuple[list, list]:
    """The AI alone (dashed, violet) and chance (dotted) as lines, each with its label at the right end, above it."""
    chance = {"all": report["study"]["chance"]} | {row["dataset"]: row["chance"] for row in report["study"]["datasets"]}
    levels = [(100 * chance[dataset], _("chance %(share)s"), drawing.CHANCE, "dot")]
    ai = lookup.one(report["ai_alone"], dataset=dataset)
    if ai and ai["accuracy"] is not None:
        levels.append((100 * ai["accuracy"], _("AI alone %(share)s"), drawing.AI, "dash"))
    lines, texts = [], []
    for value, title, colour, dash in levels:
        at = {"xref": f"x{axis}", "yref": "y", "x0": low, "x1": high, "y0": value, "y1": value}
        lines.append({"type": "line", **at, "line": {"color": colour, "width": 1.5, "dash": dash}, "layer": "below"})
        is_ai = colour == drawing.AI
        share = numbers.percent(value / 100, 2 if is_ai else 1)
        label = drawing.words(title % {"share": share}, high, value, xref=f"x{axis}")
        ink = {"color": colour if is_ai else drawing.READER, "size": 12}
        texts.append({**label, "xanchor": "right", "yanchor": "bottom", "font": ink})
    return lines, texts


def _short(group: str) -> str:
    return _("all") if group == "all" else group.replace("inf", "∞")


def _agreement_label(row: Report) -> str:
    name = _("percent") if row["statistic"] == "percent" else _("Fleiss' kappa")
    return f"{name}, {wording.dataset_title(row['dataset'])}"
