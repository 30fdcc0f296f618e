"""Many images that are kept together or not at all."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from django.conf import settings

from ml.data.fingerprint import NEAR_COPY_BITS, distances
from webapp.imagery.errors import BadImage
from webapp.imagery.models import Image
from webapp.imagery.services import remove_files, write_files

THREADS = 2
QUERY_AT_ONCE = 500  # below SQLite's limit of variables


@dataclass(frozen=True, slots=True)
class Source:
    """One file to be taken in."""

    path: Path
    kind: Image.Kind
    sha256: str

    @classmethod
    def of(cls, path: Path, kind: Image.Kind) -> Self:
        with path.open("rb") as file:
            return cls(path=path, kind=kind, sha256=hashlib.file_digest(file, "sha256").hexdigest())

    @property
    def key(self) -> tuple[str, Image.Kind]:
        return self.sha256, self.kind


class Batch:
    """Files first, by several threads; then all rows at once in the caller's transaction."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {source.key: source for source in sources}
        self._images = _known(self._sources.values())
        self._new: list[Image] = []

    def write(self) -> dict[tuple[str, Image.Kind], str]:
        """Decode and write what is new. Returns why sources were refused, by key. Raises StorageFull."""
        missing = [source for key, source in self._sources.items() if key not in self._images]
        refused = {}
        with ThreadPoolExecutor(THREADS) as pool:
            outcomes = [(source, pool.submit(_take, source)) for source in missing]
        failure: BaseException | None = None
        for source, outcome in outcomes:
            error = outcome.exception()
            if error is None:
                self._new.append(outcome.result())
                self._images[source.key] = outcome.result()
            elif isinstance(error, BadImage):
                refused[source.key] = str(error)
            else:
                failure = failure or error
        if failure is not None:
            self.remove()
            raise failure
        return refused

    def image(self, source: Source) -> Image:
        return self._images[source.key]

    def save(self) -> int:
        """Insert the rows; inside the transaction that refers to them. Returns how many are new."""
        Image.objects.bulk_create(self._new, batch_size=QUERY_AT_ONCE)
        return len(self._new)

    def remove(self) -> None:
        """Take the new files away again, where their rows will not be saved."""
        for image in self._new:
            remove_files(image)
        self._new.clear()


def near_copies(images: Sequence[Image], others: Sequence[Image] = ()) -> Iterator[tuple[int, Image]]:
    """Index of an image and one before it (or of the others) that looks the same. Source: ml.data.fingerprint."""
    known = [*others, *images]
    prints_NK = np.array([np.frombuffer(bytes(image.fingerprint), dtype=np.uint8) for image in known])
    for index, image in enumerate(images):
        before = len(others) + index
        if before:
            bits_N = distances(bytes(image.fingerprint), prints_NK[:before])
            nearest = int(bits_N.argmin())
            if bits_N[nearest] <= NEAR_COPY_BITS:
                yield index, known[nearest]


def _known(sources: Iterable[Source]) -> dict[tuple[str, Image.Kind], Image]:
    digests = sorted({source.sha256 for source in sources})
    found = {}
    for start in range(0, len(digests), QUERY_AT_ONCE):
        for image in Image.objects.filter(source_sha256__in=digests[start : start + QUERY_AT_ONCE]):
            found[image.source_sha256, Image.Kind(image.kind)] = image
    return found


def _take(source: Source) -> Image:
    with source.path.open("rb") as file:
        return write_files(file.read(settings.IMAGERY_MAX_BYTES + 1), source.kind)
