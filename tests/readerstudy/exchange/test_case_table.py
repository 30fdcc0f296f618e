from pathlib import Path

import pytest

from readerstudy.exchange.case_table import csv_in, read_cases
from readerstudy.exchange.layout import BadLayout, Layout
from readerstudy.table.reading import BadRows
from tests.readerstudy.exchange.folder import HEADER, mask, picture, table, three_cases


def faults(folder: Path, layout: Layout | None = None) -> list[tuple[int, str]]:
    with pytest.raises(BadRows) as caught:
        read_cases(csv_in(folder), layout or Layout())
    return [(row.line, row.reason) for row in caught.value.rows]


def test_a_row_becomes_a_case(tmp_path: Path) -> None:
    row = read_cases(three_cases(tmp_path), Layout()).rows[1]
    assert (row.line, row.name, row.dataset, row.diagnosis) == (3, "b.png", "set", "nevus")
    assert (row.image, row.mask) == (tmp_path / "b.png", tmp_path / "b_mask.png")
    assert row.attributes == {"sex": "male"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_excels_ways_of_saving_are_read(tmp_path: Path, encoding: str) -> None:
    picture(tmp_path / "a.png", 1)
    table(tmp_path, ["a.png;Köln;Nävus"], header="image;dataset;diagnosis", encoding=encoding)
    row = read_cases(csv_in(tmp_path), Layout()).rows[0]
    assert (row.dataset, row.diagnosis) == ("Köln", "Nävus")


def test_excels_separator_line_is_skipped_and_lines_still_count_from_the_top(tmp_path: Path) -> None:
    table(tmp_path, ["image;dataset;diagnosis", "gone.png;set;nevus"], header="sep=;")
    assert [line for line, _ in faults(tmp_path)] == [3]


def test_empty_lines_and_empty_columns_of_excel_are_no_fault(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 1)
    table(tmp_path, ["a.png,set,nevus,,", ",,,,"], header="image,dataset,diagnosis,,")
    assert len(read_cases(csv_in(tmp_path), Layout()).rows) == 1


def test_every_faulty_line_is_named(tmp_path: Path) -> None:
    three_cases(tmp_path)
    table(tmp_path, ["a.png,set,,,,", "nowhere.png,set,nevus,,,", "c.png,,nevus,,,"])
    assert [line for line, _ in faults(tmp_path)] == [2, 3, 4]


def test_a_missing_file_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    picture(tmp_path / "lesion_17.png", 1)
    table(tmp_path, ["lesion_71.png,set,nevus,,,"])
    assert 'Did you mean "lesion_17.png"?' in faults(tmp_path)[0][1]


def test_a_missing_column_is_answered_with_the_ones_that_are_there(tmp_path: Path) -> None:
    table(tmp_path, [], header="isic_id,dataset,diagnosis")
    line, reason = faults(tmp_path)[0]
    assert line == 1 and "isic_id, dataset, diagnosis" in reason and "--column image=NAME" in reason


def test_a_mapped_column_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    three_cases(tmp_path)
    assert "years" in faults(tmp_path, Layout.from_options(columns=["age=years"]))[0][1]


def test_no_path_leads_out_of_the_folder(tmp_path: Path) -> None:
    picture(tmp_path / "outside.png", 1)
    inside = tmp_path / "inside"
    inside.mkdir()
    table(inside, ["../outside.png,set,nevus,,,"])
    assert "leads out of the folder" in faults(inside)[0][1]


def test_another_layout_is_mapped_by_options(tmp_path: Path) -> None:
    picture(tmp_path / "images/X1.jpg", 1)
    mask(tmp_path / "masks/X1.png", 3)
    table(tmp_path, ["X1,nevus,44"], header="isic_id,label,age_approx")
    layout = Layout.from_options(
        columns=["image=isic_id", "diagnosis=label", "age=age_approx"],
        images="images/{}.jpg",
        masks="masks/{}.png",
        dataset="ISIC2017",
    )
    row = read_cases(csv_in(tmp_path), layout).rows[0]
    assert (row.image.name, row.mask.name, row.dataset) == ("X1.jpg", "X1.png", "ISIC2017")
    assert row.attributes == {"age": "44"}


def test_columns_that_nobody_named_stay_out(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 1)
    table(tmp_path, ["a.png,set,melanoma,malignant"], header="image,dataset,diagnosis,benign_malignant")
    read = read_cases(csv_in(tmp_path), Layout())
    assert read.ignored_columns == ("benign_malignant",)
    assert read.rows[0].attributes == {}


def test_one_diagnosis_in_two_spellings_is_a_fault(tmp_path: Path) -> None:
    for seed, name in enumerate("ab"):
        picture(tmp_path / f"{name}.png", seed)
    table(tmp_path, ["a.png,set,Seborrheic keratosis,,,", "b.png,set,seborrheic_keratosis,,,"])
    assert "differ only in spelling" in faults(tmp_path)[0][1]


@pytest.mark.parametrize("content", [b"", b"\n\n", HEADER.encode(), b"PK\x03\x04\x00\x00", b'image,dataset\n"a'])
def test_what_is_no_table_ends_in_a_message(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cases.csv").write_bytes(content)
    assert faults(tmp_path)


def test_a_folder_without_or_with_two_csv_files_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="holds no CSV"):
        csv_in(tmp_path)
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(HEADER)
    with pytest.raises(BadRows, match=r"one\.csv, two\.csv"):
        csv_in(tmp_path)


@pytest.mark.parametrize("wrong", [{"columns": ["image"]}, {"images": "images/x.jpg"}])
def test_an_option_that_cannot_be_followed_says_what_to_write(wrong: dict) -> None:
    with pytest.raises(BadLayout, match="Write"):
        Layout.from_options(**wrong)
