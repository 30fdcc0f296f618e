from django import forms
from django.utils.translation import gettext_lazy as _

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
