import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from readerstudy.exchange import upload
from readerstudy.exchange.upload import folder_of
from readerstudy.table.reading import BadRows


def archive(*names: str) -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, Path(name).name)
    return SimpleUploadedFile("cases.zip", packed.getvalue())


def test_single_files_and_an_archive_give_the_same_folder() -> None:
    single = [SimpleUploadedFile("cases.csv", b"cases.csv"), SimpleUploadedFile("a.png", b"a.png")]
    for sent in (single, [archive("cases.csv", "a.png")], [archive("all/cases.csv", "all/a.png")]):
        with folder_of(sent) as folder:
            assert {path.name: path.read_text() for path in folder.iterdir()} == {
                "cases.csv": "cases.csv",
                "a.png": "a.png",
            }


def test_the_folder_is_gone_afterwards() -> None:
    with folder_of([archive("a/cases.csv")]) as folder:
        pass
    assert not folder.exists()


def test_what_macs_add_to_archives_is_left_out() -> None:
    with folder_of([archive("x/cases.csv", "__MACOSX/x/._cases.csv", "x/.DS_Store")]) as folder:
        assert [path.name for path in folder.iterdir()] == ["cases.csv"]


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="leads out"), folder_of([archive("../evil.png")]):
        pass


def test_a_sent_name_is_only_a_name() -> None:
    sent = SimpleUploadedFile("x", b"content")
    sent._name = "../../evil.csv"
    with folder_of([sent]) as folder:
        assert [path.name for path in folder.iterdir()] == ["evil.csv"]


def test_a_damaged_archive_ends_in_a_message() -> None:
    content = archive("cases.csv", "a.png").read()
    broken = SimpleUploadedFile("cases.zip", content[:40] + b"\xff" * 12 + content[52:])
    with pytest.raises(BadRows, match="Pack it again"), folder_of([broken]):
        pass


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "BYTES_LIMIT", 10)
    with pytest.raises(BadRows, match="Split it"), folder_of([archive("cases.csv", "a.png")]):
        pass
