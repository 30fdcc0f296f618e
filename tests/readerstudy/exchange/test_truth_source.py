"""The columns that say where a diagnosis comes from: kept with the truth, and nowhere else."""

from pathlib import Path

import pytest

from readerstudy.exchange.case_table import read_cases
from readerstudy.exchange.layout import Layout
from readerstudy.table.reading import BadRows


def table(folder: Path, cells: str) -> Path:
    (folder / "a.png").write_bytes(b"")
    file = folder / "cases.csv"
    file.write_text(f"image,dataset,diagnosis,truth_source,panel_k,panel_n\na.png,set,nevus,{cells}\n")
    return file


@pytest.mark.parametrize(
    ("cells", "source", "panel"),
    [
        ("histology,,", "histology", (None, None)),
        ("Follow-up,,", "follow_up", (None, None)),
        ("panel,2,3", "panel", (2, 3)),
        (",3,3", "panel", (3, 3)),
        (",,", "unknown", (None, None)),
    ],
)
def test_a_source_is_read_as_it_is_written(tmp_path: Path, cells: str, source: str, panel: tuple):
    [row] = read_cases(table(tmp_path, cells), Layout()).rows
    assert (row.source, row.panel) == (source, panel)
    assert row.attributes == {}, "a reader may be shown attributes"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("guess,,", '"guess" is no source of truth'),
        ("panel,,", "A panel needs both numbers"),
        ("panel,4,3", "4 of 3 experts cannot agree"),
        ("histology,1,3", "Panel numbers stand beside histology"),
        ("panel,two,3", 'panel_k is "two"'),
    ],
)
def test_a_source_that_cannot_be_is_named_with_its_line(tmp_path: Path, cells: str, said: str):
    with pytest.raises(BadRows) as caught:
        read_cases(table(tmp_path, cells), Layout())
    [bad] = caught.value.rows
    assert bad.line == 2 and said in bad.reason
