"""The report's lists as CSV, every digit kept."""

import csv
import io
from collections.abc import Callable
from typing import Any

Report = dict[str, Any]
SECTIONS = (
    "arms", "difference_of_differences", "modalities", "modality_differences", "top_k", "management", "score",
    "questions", "false_aid", "competitor", "exclusions",
)  # fmt: skip


def _mrmc(report: Report) -> list[dict[str, Any]]:
    analyses = report["mrmc"]
    rows = [analyses["obuchowski_rockette"], analyses["u_statistic"], *analyses["beside"]]
    return [{**row, **{f"component_{k}": v for k, v in (row["components"] or {}).items()}} for row in rows]


def _reliance(report: Report) -> list[dict[str, Any]]:
    parts = {"all": report["reliance"], **report["reliance"]["by_dataset"]}
    return [
        {"dataset": dataset, "rate": name, **rate}
        for dataset, part in parts.items()
        for name, rate in part.items()
        if isinstance(rate, dict) and "value" in rate
    ]


def _crossing(report: Report) -> list[dict[str, Any]]:
    parts = {"all": report["reliance"], **report["reliance"]["by_dataset"]}
    return [
        {"dataset": dataset, **dict(zip(("before", "ai", "after"), cell.split("_"), strict=True)), "readings": count}
        for dataset, part in parts.items()
        for cell, count in part["table"].items()
    ]


def _sensitivity(report: Report) -> list[dict[str, Any]]:
    return [
        {
            **row,
            **{f"round_{one['round']}_{name}": one[name] for one in row["rounds"] for name in one if name != "round"},
        }
        for row in report["sensitivity"]
    ]


def _readers(report: Report) -> list[dict[str, Any]]:
    years = {reader["reader"]: reader["experience_years"] for reader in report["readers"]}
    return [{**row, "experience_years": years[row["reader"]]} for row in report["accuracy"] if row["reader"] != "all"]


LISTS: dict[str, Callable[[Report], list[dict[str, Any]]]] = {
    "accuracy": lambda report: report["accuracy"],
    "readers": _readers,
    "change": lambda report: report["change"],
    "mrmc": _mrmc,
    "ai_alone": lambda report: report["ai_alone"],
    "reliance": _reliance,
    "reliance_table": _crossing,
    "agreement": lambda report: report["agreement"],
    "timing": lambda report: report["timing"],
    "sensitivity": _sensitivity,
    "status_counts": lambda report: report["status_counts"],
    **{name: lambda report, name=name: report[name] for name in SECTIONS},
}


def list_csv(report: Report, name: str) -> str:
    """One list, a row a line, each marked where the readers were programs; nested values are left to the JSON.

    Raises KeyError for an unknown name.
    """
    rows, simulated = LISTS[name](report), report["study"]["simulated"]
    columns = list(dict.fromkeys(key for row in rows for key, value in row.items() if not _is_nested(value)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, *(["readings_origin"] if simulated else [])])
    for row in rows:
        cells = ["" if row.get(column) is None else row.get(column) for column in columns]
        writer.writerow([*cells, *(["simulated"] if simulated else [])])
    return out.getvalue()


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list)
