"""Presets: those of the product, and those that this site keeps as text."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import SavedPreset, Study
from readerstudy.protocol import presets
from readerstudy.protocol.design import BadDesign
from readerstudy.protocol.presets import Preset
from readerstudy.services.errors import Refused
from webapp.accounts.models import Person

FIRST = "dermino-two-round"  # what the product exists for


def preset_named(name: str) -> Preset:
    """A preset of the product or of this site. Raises BadDesign where there is none."""
    saved = SavedPreset.objects.filter(name=name).first()
    return presets.parse(saved.text, name=name) if saved else presets.load(name)


def all_presets() -> list[Preset]:
    """Those of the product, then those of this site. Saved ones that can no longer be run are left out."""
    shipped = sorted(map(presets.load, presets.names()), key=lambda one: (one.name != FIRST, one.name))
    return [*shipped, *_saved()]


def _saved() -> Iterator[Preset]:
    for one in SavedPreset.objects.order_by("name"):
        with suppress(BadDesign):  # kept by an earlier version, whose rules were others
            yield presets.parse(one.text, name=one.name)


def save_preset(*, name: str, text: str, by: Person | None, at: datetime) -> Preset:
    """Keep a preset. Raises BadDesign with every fault, Refused where the name is taken."""
    faults = presets.name_faults(name, taken=())
    if faults:
        raise BadDesign(faults)
    preset = presets.parse(text, name=name)
    with transaction.atomic():
        if name in presets.names() or SavedPreset.objects.filter(name=name).exists():
            raise Refused(_("A preset is called “%(name)s” already. Choose another name.") % {"name": name})
        SavedPreset.objects.create(name=name, text=text, saved_by=by, saved_at=at)
    return preset


def preset_of(study: Study) -> str:
    """The text of a preset file with the design of this study, to copy, edit and import elsewhere."""
    title = str(study.title)
    source = _("Design of the study “%(title)s”.") % {"title": title}
    return presets.written(Preset(name=study.slug, title=title, source=source, design=study.design))
