"""A part of a case table: the rows that a list names, or a number of rows that keeps the mix."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from readerstudy.exchange.case_table import CaseRow
from readerstudy.protocol.random_stream import stream
from readerstudy.table.reading import BadRow, BadRows


def only(rows: Sequence[CaseRow], names_file: Path) -> list[CaseRow]:
    """The rows whose image a file names, one a line. Raises BadRows for a name that no row has."""
    by_name = {row.name: row for row in rows}
    wanted = [line.strip() for line in names_file.read_text(encoding="utf-8-sig").splitlines()]
    bad = [
        BadRow(number, f'"{name}" of {names_file.name} is no image of the CSV.')
        for number, name in enumerate(wanted, start=1)
        if name and name not in by_name
    ]
    if bad:
        raise BadRows(bad)
    chosen = set(filter(None, wanted))
    return [row for row in rows if row.name in chosen]


def stratified(rows: Sequence[CaseRow], *, limit: int, seed: int) -> list[CaseRow]:
    """`limit` rows drawn from a seed, each data set and diagnosis in its share (largest remainder), in file order."""
    groups: dict[tuple[str, str], list[CaseRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.name):
        groups[row.dataset, row.diagnosis].append(row)
    quotas = _quotas({key: len(members) for key, members in groups.items()}, limit)
    chosen = {
        row.line for key, members in groups.items() for row in stream(seed, "subset", *key).sample(members, quotas[key])
    }
    return [row for row in rows if row.line in chosen]


def _quotas(sizes: dict[tuple[str, str], int], limit: int) -> dict[tuple[str, str], int]:
    total = sum(sizes.values())
    if not 1 <= limit <= total:
        raise BadRows([BadRow(0, f"--limit {limit} is not between 1 and the {total} rows of the CSV.")])
    shares = {key: size * limit / total for key, size in sizes.items()}
    quotas = {key: int(share) for key, share in shares.items()}
    by_remainder = sorted(shares, key=lambda key: (quotas[key] - shares[key], key))
    for key in by_remainder[: limit - sum(quotas.values())]:
        quotas[key] += 1
    return quotas
