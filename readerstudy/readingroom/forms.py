from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from readerstudy.protocol.design import ProfileQuestion

TRAINING = [
    ("", _("Prefer not to say")),
    ("none", _("None")),
    ("course", _("A course")),
    ("daily", _("I use a dermatoscope every day")),
]


class ProfileForm(forms.Form):
    """Who reads, as coded answers. Asked once."""

    experience_years = forms.FloatField(
        label=_("Years of experience in dermatology"),
        help_text=_("Whole years, 0 in your first year. Leave empty if you prefer not to say."),
        min_value=0,
        max_value=80,
        required=False,
    )
    dermoscopy = forms.ChoiceField(label=_("Training in dermoscopy"), choices=TRAINING, required=False)

    def __init__(self, *args: Any, questions: Sequence[ProfileQuestion] = (), **kwargs: Any) -> None:
        """`questions`: the study's own. They are required where readers are allocated or grouped by them."""
        super().__init__(*args, **kwargs)
        for one in questions:
            choices = [("", ""), *((option, option) for option in one.options)]
            self.fields[one.name] = forms.ChoiceField(label=one.text, choices=choices)
