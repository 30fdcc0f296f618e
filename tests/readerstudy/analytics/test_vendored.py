"""The vendored plotting library is the published one, with its licence."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "static" / "vendor" / "plotly"


def test_every_vendored_file_has_the_noted_sha256():
    noted = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    assert set(noted) == {"plotly-basic.min.js", "LICENSE", "plotly.css"}
    for name, sha256 in noted.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == sha256
