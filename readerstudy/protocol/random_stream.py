"""Random streams that are the same on every machine: Mersenne Twister, seeded by SHA-256 of (seed, purpose)."""

import hashlib
from random import Random


def stream(seed: int, *purpose: str) -> Random:
    """An own random stream for each purpose, so that drawing more for one never shifts another."""
    text = "\x1f".join((str(seed), *purpose))
    return Random(int.from_bytes(hashlib.sha256(text.encode()).digest()))


def seed_digest(seed: int) -> str:
    """SHA-256 of the seed, published at launch so that the later revealed seed can be checked."""
    return hashlib.sha256(str(seed).encode()).hexdigest()
