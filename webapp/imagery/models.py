"""An image as the site keeps it: rebuilt from pixels, under a name that tells nothing."""

from pathlib import Path
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class Image(models.Model):
    """Two files: the whole image, and a view of at most 2,048 px; a small image is its own view."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Photograph")
        MASK = "mask", _("Mask")
        OVERLAY = "overlay", _("Overlay")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # tells neither order nor origin
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PHOTO)
    sha256 = models.CharField(max_length=64)
    source_sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    view_sha256 = models.CharField(max_length=64)
    view_width = models.PositiveIntegerField()
    view_height = models.PositiveIntegerField()
    view_bytes = models.PositiveIntegerField()
    fingerprint = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_sha256", "kind"], name="a_source_is_kept_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    @property
    def suffix(self) -> str:
        return "jpg" if self.kind == self.Kind.PHOTO else "png"

    @property
    def media_type(self) -> str:
        return "image/jpeg" if self.kind == self.Kind.PHOTO else "image/png"

    @property
    def has_own_view(self) -> bool:
        return (self.view_width, self.view_height) != (self.width, self.height)

    def path(self, root: Path) -> Path:
        return root / self.id.hex[:2] / f"{self.id}.{self.suffix}"

    def view_path(self, root: Path) -> Path:
        return self.path(root).with_suffix(f".view.{self.suffix}") if self.has_own_view else self.path(root)
