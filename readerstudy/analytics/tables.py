"""The report as tables for the page: the same numbers as the figures, the reason under each dash."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from readerstudy.analytics import lookup, numbers, wording
from readerstudy.analytics.cells import (
    Cell,
    Footnotes,
    Table,
    accuracy_cell,
    difference_cell,
    method_name,
    part_of,
)
from readerstudy.analytics.sections import section_tables

Report = dict[str, Any]


def tables(report: Report) -> dict[str, Table]:
    """Every table of the page, by name."""
    makers: tuple[Callable[[Report], Table], ...] = (
        _summary, _readers, _change, _mrmc, _ai_alone, _reliance, _crossing, _agreement, _timing, _sensitivity, _status,
    )  # fmt: skip
    made = [make(report) for make in makers]
    return {table.name: table for table in [*made, *section_tables(report)]}


def _summary(report: Report) -> Table:
    """The layout of the paper's Supplementary Table 2: groups, rounds, the AI alone; all cases and each data set."""
    foot = Footnotes()
    datasets = ["all", *lookup.dataset_names(report)]
    last = lookup.rounds(report)[1]
    rows = []
    for one, modality in lookup.conditions(report):
        title = wording.round_name(one) if len(one["modalities"]) == 1 else f"{_round(one)}: {modality}"
        for group in [*lookup.group_names(report), "all"]:
            where = {"modality": modality, "group": group}
            found = [lookup.pooled(report, one["round"], dataset=dataset, **where) for dataset in datasets]
            if found[0] is None or not found[0]["readings"]:
                continue
            rows.append(
                [
                    Cell(title, head=True),
                    Cell(wording.group_title(group)),
                    Cell(str(found[0]["readers"])),
                    *(accuracy_cell(row, foot) for row in found),
                ]
            )
    if last:
        rows.append(_change_line(report, last["round"], datasets, foot))
    rows += _ai_line(report, datasets, foot)
    columns = (
        _("Round"),
        _("Readers' experience"),
        _("Readers"),
        *(_("%(dataset)s, right") % {"dataset": wording.dataset_title(one)} for one in datasets),
    )
    notes = ("round_2_by_group", "ai")
    return Table("accuracy", _("Right answers by round and experience"), columns, rows, foot.reasons, notes)


def _round(one: Report) -> str:
    return _("Round %(n)s") % {"n": one["round"]}


def _change_line(report: Report, to_round: int, datasets: list[str], foot: Footnotes) -> list[Cell]:
    found = [lookup.one(report["change"], to_round=to_round, group="all", dataset=dataset) for dataset in datasets]
    cells = [difference_cell(row, foot) if row else Cell(numbers.NOTHING) for row in found]
    return [Cell(_("Change, points"), head=True), Cell(wording.group_title("all")), Cell(""), *cells]


def _ai_line(report: Report, datasets: list[str], foot: Footnotes) -> list[list[Cell]]:
    found = {row["dataset"]: row for row in report["ai_alone"]}
    if not found:
        return []
    head = [Cell(_("AI alone"), head=True, ai=True), Cell(""), Cell("")]
    return [[*head, *(accuracy_cell(found[name], foot, ai=True) if name in found else Cell("") for name in datasets)]]


def _readers(report: Report) -> Table:
    """Without counts, for the width of paper: they are in the download."""
    foot = Footnotes()
    first, last = lookup.rounds(report)
    datasets = lookup.dataset_names(report)
    rows = []
    for reader in report["readers"]:
        cells = [
            Cell(reader["reader"], head=True),
            Cell(numbers.NOTHING if reader["experience_years"] is None else f"{reader['experience_years']:g}"),
        ]
        for one in (first, last):
            for dataset in ["all", *datasets] if one else []:
                row = lookup.of_reader(report, one["round"], reader["reader"], dataset=dataset)
                cells.append(accuracy_cell(row, foot, counts=False) if row else Cell(numbers.NOTHING))
        rows.append(cells)
    columns = [_("Reader"), _("Years")]
    for one in (first, last):
        for dataset in ["all", *datasets] if one else []:
            columns.append(
                _("Round %(n)s, %(dataset)s") % {"n": one["round"], "dataset": wording.dataset_title(dataset)}
            )
    return Table("readers", _("Each reader"), tuple(columns), rows, foot.reasons, ("readers",))


def _change(report: Report) -> Table:
    foot = Footnotes()
    rows = [
        [
            Cell(f"{row['from_round']} → {row['to_round']}", head=True),
            Cell(wording.group_title(row["group"])),
            Cell(wording.dataset_title(row["dataset"])),
            difference_cell(row, foot),
            Cell(numbers.points(row["se"]).lstrip("+")),
            Cell(numbers.degrees(row["df"]) if row["se"] else numbers.NOTHING),
            Cell(numbers.p_value(row["p_value"])),
            Cell(numbers.p_value(row["p_value_holm"])),
            Cell(method_name(row["method"])),
        ]
        for row in report["change"]
    ]
    columns = (
        _("Rounds"), _("Readers"), _("Cases"), _("Change, points"), _("SE"), _("df"), _("p"), _("p, Holm"), _("Method"),
    )  # fmt: skip
    return Table("change", _("Change between rounds"), columns, rows, foot.reasons, ("round_2_by_group",))


def _mrmc(report: Report) -> Table:
    foot = Footnotes()
    analyses = [
        report["mrmc"]["obuchowski_rockette"],
        report["mrmc"]["u_statistic"],
        *report["mrmc"]["beside"],
    ]
    rows = [
        [
            Cell(method_name(row["method"]), head=True),
            Cell(_random(row)),
            difference_cell(row, foot),
            Cell(numbers.points(row["se"]).lstrip("+")),
            Cell(numbers.degrees(row["df"]) if row["se"] else numbers.NOTHING),
            Cell(numbers.p_value(row["p_value"])),
        ]
        for row in analyses
    ]
    columns = (_("Analysis"), _("Random"), _("Change, points"), _("SE"), _("df"), _("p"))
    return Table("mrmc", _("The change under several analyses"), columns, rows, foot.reasons)


def _ai_alone(report: Report) -> Table:
    foot = Footnotes()
    rows = [
        [
            Cell(wording.dataset_title(row["dataset"]), head=True),
            accuracy_cell(row, foot, ai=True),
            Cell(part_of(row["readers_beaten"], row["readers"])),
            Cell(part_of(row["readers_tied"], row["readers"])),
        ]
        for row in report["ai_alone"]
    ]
    columns = (_("Cases"), _("AI alone, right"), _("Readers below the AI"), _("Readers level with it"))
    return Table("ai_alone", _("The AI alone, and round 1 readers beside it"), columns, rows, foot.reasons, ("ai",))


RATES = (
    ("switch_rate", lambda: _("Took the AI's answer after a different first answer")),
    ("changed_rate", lambda: _("Changed the answer")),
    ("rescue", lambda: _("Wrong before, right after")),
    ("harm", lambda: _("Right before, wrong after")),
    ("relative_ai_reliance", lambda: _("Became right where only the AI was right")),
    ("under_reliance", lambda: _("Stayed wrong where only the AI was right (under-reliance)")),
    ("relative_self_reliance", lambda: _("Stayed right where the AI was wrong")),
    ("over_reliance", lambda: _("Became wrong where the AI was wrong (over-reliance)")),
    ("followed_wrong_ai", lambda: _("Gave the AI's wrong answer")),
    ("followed_wrong_ai_right_before", lambda: _("… of those right before")),
    ("followed_wrong_ai_wrong_before", lambda: _("… of those wrong before")),
)


def _reliance(report: Report) -> Table:
    foot = Footnotes()
    rows = []
    for name, title in RATES:
        rate = report["reliance"][name]
        value = Cell(
            numbers.percent(rate["value"], 1),
            numbers.percent_interval(rate["ci_low"], rate["ci_high"]),
            foot.mark(rate["reason"]),
        )
        rows.append([Cell(title(), head=True), Cell(part_of(rate["count"], rate["n"])), value])
    columns = (_("What readers did"), _("Readings"), _("Share"))
    footnotes = foot.reasons
    if report["reliance"]["warning"]:
        footnotes = [*footnotes, report["reliance"]["warning"]]
    return Table("reliance", _("Reliance on the AI"), columns, rows, footnotes, ("ai", "readers"))


def _crossing(report: Report) -> Table:
    words = {"right": _("right"), "wrong": _("wrong")}
    rows = [
        [*(Cell(words[word], head=at == 0, ai=at == 1) for at, word in enumerate(name.split("_"))), Cell(str(count))]
        for name, count in report["reliance"]["table"].items()
    ]
    columns = (_("Before"), _("AI"), _("After"), _("Readings"))
    return Table("reliance_table", _("Before, AI, after"), columns, rows, [], ("ai", "readers"))


STATISTICS = {
    "percent": lambda: _("Percent agreement"),
    "fleiss_kappa": lambda: _("Fleiss' kappa"),
    "conger_kappa": lambda: _("Conger's kappa"),
    "mean_cohen_kappa": lambda: _("Mean Cohen's kappa (Light)"),
    "krippendorff_alpha": lambda: _("Krippendorff's alpha"),
    "gwet_ac1": lambda: _("Gwet's AC1"),
}


def _agreement(report: Report) -> Table:
    """A line a coefficient, a column a round: six for all readers, two for each group; the download holds the rest."""
    foot = Footnotes()
    every = report["agreement"]
    shown = list(filter(None, lookup.rounds(report)))
    lines = dict.fromkeys((row["group"], row["statistic"], row["dataset"]) for row in every)
    rows = []
    for group, statistic, dataset in lines:
        where = {"group": group, "statistic": statistic, "dataset": dataset}
        found = [lookup.one(every, round=one["round"], **where) for one in shown]
        if group != "all" and statistic not in ("percent", "fleiss_kappa"):
            continue
        if all(row is None or row["raters"] == 0 for row in found):
            continue
        rows.append(
            [
                Cell(STATISTICS[statistic](), head=True),
                Cell(wording.group_title(group)),
                Cell(wording.dataset_title(dataset)),
                *(_coefficient(row, foot) for row in found),
            ]
        )
    rows.sort(key=lambda row: row[1].text != wording.group_title("all"))
    columns = (_("Coefficient"), _("Readers"), _("Cases"), *(wording.round_name(one) for one in shown))
    return Table("agreement", _("Agreement among readers"), columns, rows, foot.reasons, ("readers",))


def _coefficient(row: dict[str, Any] | None, foot: Footnotes) -> Cell:
    if row is None:
        return Cell(numbers.NOTHING)
    percent = row["statistic"] == "percent"
    value = numbers.percent(row["value"], 1) if percent else numbers.decimal(row["value"], 3)
    span = numbers.percent_interval if percent else numbers.decimal_interval
    return Cell(value, span(row["ci_low"], row["ci_high"]), foot.mark(row["reason"]))


def _timing(report: Report) -> Table:
    foot = Footnotes()
    rows = [
        [
            Cell(str(row["round"]), head=True),
            Cell(wording.group_title(row["group"])),
            Cell(str(row["readings"])),
            Cell(str(row["timeouts"])),
            Cell(
                numbers.seconds(row["median_ms"]),
                "" if row["q1_ms"] is None else f"({numbers.seconds(row['q1_ms'])} to {numbers.seconds(row['q3_ms'])})",
                foot.mark(row["reason"]),
            ),
        ]
        for row in report["timing"]
    ]
    columns = (_("Round"), _("Readers"), _("Answered"), _("Time-outs"), _("Median, s (quartiles)"))
    return Table("timing", _("Time to answer"), columns, rows, foot.reasons, ("timing",))


RULES = {
    "timeouts_incorrect": lambda: _("Time-outs count as wrong (default)"),
    "timeouts_excluded": lambda: _("Time-outs left out"),
    "complete_cases": lambda: _("Only cases that all readers read in both rounds"),
    "timeouts_excluded_complete_cases": lambda: _("Both: no time-outs, complete cases"),
    "all_missing_incorrect": lambda: _("Every missing reading counts as wrong"),
}


def _sensitivity(report: Report) -> Table:
    foot = Footnotes()
    rows = [
        [
            Cell(RULES[row["rule"]](), head=True),
            *(
                Cell(f"{numbers.percent(one['accuracy'])} ({one['correct']}/{one['readings']})")
                for one in row["rounds"]
            ),
            difference_cell(row, foot),
            Cell(numbers.p_value(row["p_value"])),
            Cell(f"{row['readers']} × {row['cases']}"),
            Cell(method_name(row["method"])),
        ]
        for row in report["sensitivity"]
    ]
    columns = (
        _("Rule"), _("Before"), _("After"), _("Change, points"), _("p"), _("Readers × cases"), _("Method"),
    )  # fmt: skip
    return Table("sensitivity", _("The change under other rules"), columns, rows, foot.reasons)


def _status(report: Report) -> Table:
    names = ("answered", "timeout", "technical", "missing")
    rows = [
        [Cell(str(row["round"]), head=True), *(Cell(str(row[name])) for name in names)]
        for row in report["status_counts"]
    ]
    columns = (_("Round"), _("Answered"), _("Time-out"), _("Technical failure"), _("Not read"))
    return Table("status_counts", _("How readings ended"), columns, rows, [])


def _random(row: dict[str, Any]) -> str:
    if row["readers_random"] and row["cases_random"]:
        return _("readers and cases")
    if row["readers_random"]:
        return _("readers")
    return _("cases") if row["cases_random"] else _("neither")
