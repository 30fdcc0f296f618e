"""Real images and reference values that lie beside the repository on some machines only."""

from pathlib import Path

import pytest


def shared(path: str) -> Path:
    """The file or folder `../shared/PATH`; skips the test where there is none."""
    found = Path(__file__).resolve().parents[2] / "shared" / path
    if not found.exists():
        pytest.skip(f"../shared/{path} is not on this machine")
    return found
