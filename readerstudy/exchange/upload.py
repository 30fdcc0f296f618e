"""What a browser sent, as the folder that an import reads: a zip archive, or a CSV and its pictures."""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from readerstudy.table.reading import BadRow, BadRows

FILES_LIMIT = 20_000
BYTES_LIMIT = 4 * 1024**3  # unpacked
CHUNK = 1024 * 1024


class SentFile(Protocol):
    """A file of a request."""

    name: str

    def chunks(self) -> Iterable[bytes]: ...


@contextmanager
def folder_of(files: Iterable[SentFile]) -> Iterator[Path]:
    """A folder with the sent files, removed afterwards. Raises BadRows where an archive cannot be used."""
    with tempfile.TemporaryDirectory(prefix="dermino-upload-") as made:
        folder = Path(made)
        for file in files:
            path = folder / PurePosixPath(file.name.replace("\\", "/")).name
            with path.open("wb") as target:
                for chunk in file.chunks():
                    target.write(chunk)
            if zipfile.is_zipfile(path):
                _unpack(path, folder)
                path.unlink()
        yield _with_csv(folder)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if _wanted(member)]
            _require_small(archive, members)
            for member in members:
                target = (folder / member.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    _refuse(archive, f'"{member.filename}" leads out of the archive. Pack it again.')
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(opened, member, target)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as broken:
        _refuse(archive, f"the archive cannot be read ({broken}). Pack it again, without a password.")


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Never more than the entry declares: a forged size ends as BadZipFile."""
    with opened.open(member) as source, target.open("wb") as file:
        while chunk := source.read(CHUNK):
            file.write(chunk)


def _wanted(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    return not member.is_dir() and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _require_small(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    if len(members) > FILES_LIMIT or size > BYTES_LIMIT:
        _refuse(
            archive,
            f"{len(members)} files, {size / 1024**2:,.0f} MB unpacked: more than {FILES_LIMIT} files or "
            f"{BYTES_LIMIT // 1024**3} GB. Split it, or use the command import_cases.",
        )


def _with_csv(folder: Path) -> Path:
    """An archive often holds one folder that holds everything."""
    inside = [path for path in folder.iterdir()]
    while len(inside) == 1 and inside[0].is_dir():
        folder = inside[0]
        inside = list(folder.iterdir())
    return folder


def _refuse(archive: Path, reason: str) -> None:
    raise BadRows([BadRow(0, f"{archive.name}: {reason}")])
