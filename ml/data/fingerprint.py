"""Perceptual fingerprints of images: near copies lie close, whatever their size, compression or name.

A fingerprint is 256 bits: which of the 16 x 16 lowest frequencies of the grey image exceed their median. 64 bits
are too coarse for dermoscopy, where every image is a dark blob on skin. Knows numpy and Pillow only, so that the web
process may import it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY_SIDE = 64
FREQUENCIES = 16
BYTES = FREQUENCIES**2 // 8
NEAR_COPY_BITS = 52  # crops from 0.9 of the side, turned and recompressed, stay within 48; see docs/model.md


def fingerprint(image: Image.Image) -> bytes:
    """The 32 bytes of one image as it lies."""
    return pack(frequencies(grey(image)))


def dihedral_fingerprints(image: Image.Image) -> list[bytes]:
    """Fingerprints of the image in its eight turns and mirrorings, from one transform; the first is `fingerprint`."""
    return [pack(turned) for turned in turns(frequencies(grey(image)))]


def distance(a: bytes, b: bytes) -> int:
    """Number of differing bits. Raises ValueError for fingerprints of unequal length."""
    if len(a) != len(b):
        raise ValueError(f"Fingerprints of {len(a)} and {len(b)} bytes cannot be compared: make both with one version.")
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


def distances(one: bytes, many_NK: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Differing bits between one fingerprint and N others, given as bytes (N, K)."""
    return np.bitwise_count(many_NK ^ np.frombuffer(one, dtype=np.uint8)).sum(axis=1, dtype=np.int64)


def grey(image: Image.Image) -> NDArray[np.float64]:
    """The image as a 64 x 64 grey square, Lanczos filtered."""
    return np.asarray(image.convert("L").resize((GREY_SIDE, GREY_SIDE), Image.Resampling.LANCZOS), dtype=np.float64)


def frequencies(grey_SS: NDArray[np.float64], count: int = FREQUENCIES) -> NDArray[np.float64]:
    """The (count, count) lowest coefficients of the unnormalised DCT-II over both axes of a square image."""
    basis_FS = _cosines(len(grey_SS), count)
    return basis_FS @ grey_SS @ basis_FS.T


def turns(dct_FF: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The transform of the image turned by 0, 90, 180, 270 degrees, then of each of these mirrored left to right.

    Turning needs no second transform: mirroring an axis flips the sign of its odd frequencies.
    """
    odd_signs_F = np.where(np.arange(len(dct_FF)) % 2, -1.0, 1.0)
    quarter = [dct_FF]
    for _ in range(3):
        quarter.append(quarter[-1].T * odd_signs_F[:, None])
    return quarter + [turned * odd_signs_F for turned in quarter]


def pack(dct_FF: NDArray[np.float64]) -> bytes:
    """One bit a frequency: above the median of all but the constant term, which says brightness only."""
    return np.packbits(dct_FF > np.median(dct_FF.ravel()[1:])).tobytes()


@cache
def _cosines(samples: int, count: int) -> NDArray[np.float64]:
    angle_FS = np.pi * np.outer(np.arange(count), 2 * np.arange(samples) + 1) / (2 * samples)
    return 2.0 * np.cos(angle_FS)
