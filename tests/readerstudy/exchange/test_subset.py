from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readerstudy.exchange.case_table import CaseRow
from readerstudy.exchange.subset import only, stratified
from readerstudy.table.reading import BadRows


def rows(counts: dict[str, int]) -> list[CaseRow]:
    names = [(f"{diagnosis}-{number}", diagnosis) for diagnosis, n in counts.items() for number in range(n)]
    return [CaseRow(line, name, "set", of, Path(name), None, {}) for line, (name, of) in enumerate(names, start=2)]


@given(
    counts=st.dictionaries(st.sampled_from("abcde"), st.integers(1, 60), min_size=1),
    share=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
)
def test_each_diagnosis_keeps_its_share_to_within_one_case(counts: dict[str, int], share: float, seed: int) -> None:
    every = rows(counts)
    limit = max(1, round(share * len(every)))
    drawn = stratified(every, limit=limit, seed=seed)
    assert len(drawn) == limit
    for diagnosis, n in Counter(row.diagnosis for row in drawn).items():
        assert abs(n - counts[diagnosis] * limit / len(every)) < 1


def test_the_draw_hangs_on_the_seed_and_not_on_the_order_of_the_file() -> None:
    every = rows({"a": 30, "b": 20})
    names = {row.name for row in stratified(every, limit=10, seed=1)}
    assert {row.name for row in stratified(every[::-1], limit=10, seed=1)} == names
    assert {row.name for row in stratified(every, limit=10, seed=2)} != names


@pytest.mark.parametrize("limit", [0, 51])
def test_a_limit_that_the_file_cannot_meet_is_refused(limit: int) -> None:
    with pytest.raises(BadRows, match=f"--limit {limit}"):
        stratified(rows({"a": 30, "b": 20}), limit=limit, seed=1)


def test_a_list_names_the_rows(tmp_path: Path) -> None:
    (tmp_path / "only.txt").write_text("b-1\na-0\n\n")
    assert [row.name for row in only(rows({"a": 2, "b": 2}), tmp_path / "only.txt")] == ["a-0", "b-1"]


def test_a_listed_name_that_no_row_has_is_a_fault_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "only.txt").write_text("a-0\nz-9\n")
    with pytest.raises(BadRows) as caught:
        only(rows({"a": 2}), tmp_path / "only.txt")
    assert [row.line for row in caught.value.rows] == [2]
