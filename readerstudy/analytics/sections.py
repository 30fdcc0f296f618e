"""The tables that only some designs fill: arms, modalities, ranked lists, management, questions, false aids and more.

Each is left out where the report has no line of it. Every line says how many readers, sessions, cases and readings.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from readerstudy.analytics import numbers, wording
from readerstudy.analytics.cells import Cell, Footnotes, Table, method_name

Report = dict[str, Any]
Row = dict[str, Any]


def section_tables(report: Report) -> list[Table]:
    """The tables of the sections that have lines, in the order of the page."""
    makers: tuple[Callable[[Report], Table], ...] = (
        _arms, _differences, _modalities, _modality_differences, _top_k, _management, _score, _questions, _false_aid,
        _competitor, _exclusions,
    )  # fmt: skip
    return [table for table in (make(report) for make in makers) if table.rows]


def _arms(report: Report) -> Table:
    return _measured(report, "arms", _("Right answers by arm"), ((_("Arm"), lambda row: row["arm"]),))


def _differences(report: Report) -> Table:
    foot, rows = Footnotes(), []
    for row in report["difference_of_differences"]:
        span = numbers.percent_interval(row["ci_low"], row["ci_high"])
        rows.append(
            [
                Cell(f"{row['arm'] or numbers.NOTHING} / {row['control'] or numbers.NOTHING}", head=True),
                Cell(wording.group_title(row["group"])),
                Cell(f"{row['readers']} / {row['control_readers']}"),
                Cell(f"{row['sessions']} / {row['control_sessions']}"),
                Cell(f"{row['cases']} / {row['control_cases']}"),
                Cell(f"{row['readings']} / {row['control_readings']}"),
                Cell(numbers.points(row["change_arm"])),
                Cell(numbers.points(row["change_control"])),
                Cell(numbers.points(row["difference"]), span, foot.mark(row["reason"])),
            ]
        )
    columns = (
        _("Arm / control"), _("Group"), _("Readers"), _("Sessions"), _("Cases"), _("Readings"),
        _("Change, arm"), _("Change, control"), _("Difference, points"),
    )  # fmt: skip
    title = _("What the arm with AI gained beyond the control arm")
    return Table("difference_of_differences", title, columns, rows, foot.reasons)


def _modalities(report: Report) -> Table:
    return _measured(report, "modalities", _("Right answers by modality"), ())


def _modality_differences(report: Report) -> Table:
    foot, rows = Footnotes(), []
    for row in report["modality_differences"]:
        span = numbers.percent_interval(row["ci_low"], row["ci_high"])
        rows.append(
            [
                Cell(f"{row['second']} − {row['first']}", head=True),
                Cell(_("all") if row["round"] == "all" else str(row["round"])),
                Cell(wording.group_title(row["group"])),
                *_sizes(row),
                Cell(numbers.points(row["difference"]), span, foot.mark(row["reason"])),
                Cell(numbers.p_value(row["p_value"])),
                Cell(numbers.p_value(row["p_value_holm"])),
                Cell(method_name(row["method"])),
            ]
        )
    columns = (
        _("Modalities"), _("Round"), _("Group"), *_size_columns(), _("Difference, points"), _("p"), _("p, Holm"),
        _("Method"),
    )  # fmt: skip
    return Table("modality_differences", _("Modalities compared within readers"), columns, rows, foot.reasons)


def _top_k(report: Report) -> Table:
    lead = (
        (
            _("Truth among"),
            lambda row: _("equal length") if row["equal_length"] else _("first %(k)s") % {"k": row["k"]},
        ),
        (_("Mean length"), lambda row: numbers.decimal(row["mean_list_length"], 1)),
    )
    return _measured(report, "top_k", _("The ranked list"), lead)


MEASURES = {
    "optimal": lambda: _("Optimal"),
    "appropriate": lambda: _("Appropriate"),
    "inappropriate": lambda: _("Inappropriate"),
    "dangerous": lambda: _("Dangerous"),
    "sensitivity": lambda: _("Sensitivity"),
    "specificity": lambda: _("Specificity"),
    "ai_specificity_at_readers_sensitivity": lambda: _("AI: specificity at the readers' sensitivity"),
    "ai_sensitivity_at_readers_specificity": lambda: _("AI: sensitivity at the readers' specificity"),
}


def _management(report: Report) -> Table:
    lead = ((_("Measure"), lambda row: MEASURES[row["measure"]]()), (_("Count"), lambda row: _count(row["count"])))
    return _measured(report, "management", _("Management"), lead)


def _score(report: Report) -> Table:
    return _measured(report, "score", _("Mean score"), (), share=False)


STATISTICS = {
    "percent": lambda: _("Percent agreement"),
    "fleiss_kappa": lambda: _("Fleiss' kappa"),
    "krippendorff_alpha": lambda: _("Krippendorff's alpha"),
    "mean": lambda: _("Mean"),
    "intra_percent": lambda: _("Agreement with oneself"),
    "intra_kappa": lambda: _("Kappa with oneself"),
}


def _questions(report: Report) -> Table:
    foot, rows = Footnotes(), []
    for row in report["questions"]:
        span = numbers.decimal_interval(row["ci_low"], row["ci_high"])
        rows.append(
            [
                Cell(row["question"], head=True),
                Cell(str(row["round"])),
                Cell(row["stage"] or ""),
                Cell(STATISTICS[row["statistic"]]()),
                *_sizes(row),
                Cell(numbers.decimal(row["value"], 3), span, foot.mark(row["reason"])),
            ]
        )
    columns = (_("Question"), _("Round"), _("Stage"), _("Statistic"), *_size_columns(), _("Value"))
    return Table("questions", _("Agreement on each question"), columns, rows, foot.reasons)


AIDS = {
    "false": lambda: _("False"),
    "honest": lambda: _("Honest"),
    "false_minus_honest": lambda: _("False less honest"),
}


def _false_aid(report: Report) -> Table:
    lead = ((_("AI output"), lambda row: AIDS[row["aid"]]()),)
    return _measured(report, "false_aid", _("Where the AI output was false on purpose"), lead)


def _competitor(report: Report) -> Table:
    foot, rows = Footnotes(), []
    for row in report["competitor"]:
        span = numbers.percent_interval(row["ci_low"], row["ci_high"])
        rows.append(
            [
                Cell(wording.group_title(row["group"]), head=True),
                *_sizes(row),
                Cell(numbers.percent(row["reader_accuracy"], 1)),
                Cell(numbers.percent(row["ai_accuracy"], 1), ai=True),
                Cell(numbers.points(row["difference"]), span, foot.mark(row["reason"])),
                Cell(
                    f"{_count(row['readers_above'])} / {_count(row['readers_tied'])} / {_count(row['readers_below'])}"
                ),
            ]
        )
    columns = (
        _("Readers"), *_size_columns(), _("Readers, right"), _("AI, right"), _("Difference, points"),
        _("Above / level / below"),
    )  # fmt: skip
    return Table("competitor", _("Readers and the AI on the same cases"), columns, rows, foot.reasons, ("ai",))


SCOPES = {
    "reader": lambda: _("readers"),
    "case": lambda: _("cases"),
    "reading": lambda: _("readings"),
    "session": lambda: _("sessions"),
}


def _exclusions(report: Report) -> Table:
    foot, rows = Footnotes(), []
    for row in report["exclusions"]:
        span = numbers.percent_interval(row["ci_low"], row["ci_high"])
        change = numbers.percent_interval(row["change_ci_low"], row["change_ci_high"])
        rows.append(
            [
                Cell(_rule(row["rule"]), head=True),
                Cell(f"{row['n']} {SCOPES[row['scope']]()}"),
                *_sizes(row),
                Cell(numbers.percent(row["value"], 1), span, foot.mark(row["reason"])),
                Cell(numbers.points(row["change"]), change, foot.mark(row["change_reason"])),
            ]
        )
    columns = (_("Rule"), _("Takes out"), *_size_columns(), _("Last round, right"), _("Change, points"))
    return Table("exclusions", _("Exclusions, and the result under stricter rules"), columns, rows, foot.reasons)


def _rule(name: str) -> str:
    """A rule of the report in words; a recorded decision's reason as it was written."""
    if name == "sessions_any_valid":
        return _("Sessions with any answer")
    if name == "sessions_all_valid":
        return _("Only sessions answered in full")
    if name.startswith("sessions_") and name.endswith("_percent_valid"):
        share = name.removeprefix("sessions_").removesuffix("_percent_valid")
        return _("Sessions answered to %(share)s %% or more") % {"share": share}
    return name


def _measured(
    report: Report, name: str, title: str, lead: tuple[tuple[str, Callable[[Row], str]], ...], *, share: bool = True
) -> Table:
    """A section whose lines are a share or a mean with its change from the first round."""
    foot, rows = Footnotes(), []
    for row in report[name]:
        value = numbers.percent(row["value"], 1) if share else numbers.decimal(row["value"])
        span = (numbers.percent_interval if share else numbers.decimal_interval)(row["ci_low"], row["ci_high"])
        cells = [Cell(text(row)) for _title, text in lead]
        cells += [Cell(str(row["round"])), Cell(row["modality"]), Cell(wording.group_title(row["group"])), *_sizes(row)]
        cells += [Cell(value, span, foot.mark(row["reason"])), _change(row, share=share)]
        cells[0] = Cell(cells[0].text, head=True)
        rows.append(cells)
    columns = (
        *(column for column, _text in lead), _("Round"), _("Modality"), _("Group"), *_size_columns(),
        _("Share") if share else _("Mean"), _("Change, points") if share else _("Change"),
    )  # fmt: skip
    return Table(name, title, columns, rows, foot.reasons)


def _change(row: Row, *, share: bool) -> Cell:
    """Blank where there is no round before; the reason of any other gap is in the download."""
    if row.get("change") is None:
        return Cell("")
    low, high = row["change_ci_low"], row["change_ci_high"]
    if share:
        return Cell(numbers.points(row["change"]), numbers.percent_interval(low, high))
    return Cell(numbers.decimal(row["change"]), numbers.decimal_interval(low, high))


def _sizes(row: Row) -> list[Cell]:
    return [Cell(_count(row[name])) for name in ("readers", "sessions", "cases", "readings")]


def _size_columns() -> tuple[str, ...]:
    return _("Readers"), _("Sessions"), _("Cases"), _("Readings")


def _count(number: int | None) -> str:
    return numbers.NOTHING if number is None else str(number)
