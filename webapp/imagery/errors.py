"""What can go wrong with an image. Each message tells the person who sent it what to do."""


class ImageryError(Exception):
    """Base of the room's errors; str() is a sentence for people."""


class BadImage(ImageryError):
    """The file is no image that we take. Nothing was saved."""


class StorageFull(ImageryError):
    """No room on the disk. Nothing was saved."""


class UploadRefused(ImageryError):
    """A guard does not want this picture here. Nothing was saved."""


class ImageMissing(ImageryError):
    """The row is there, its file is not."""
