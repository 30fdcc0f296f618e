from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture


@pytest.fixture
def photo() -> Picture.Image:
    """A patch of uneven colour, so that turns and copies can be told apart."""
    rows, columns = np.mgrid[0:96, 0:160]
    return Picture.fromarray(np.stack([rows * 2, columns, rows + columns], axis=-1).astype("uint8"))


@pytest.fixture
def as_file():
    def save(picture: Picture.Image, format: str = "PNG", **options: object) -> bytes:
        out = BytesIO()
        picture.save(out, format, **options)
        return out.getvalue()

    return save
