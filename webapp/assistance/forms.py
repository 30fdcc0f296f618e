from django import forms
from django.utils.translation import gettext_lazy as _

ACCEPTED = "image/jpeg,image/png,image/tiff,image/webp,image/bmp"


class AskForm(forms.Form):
    """`datasets`: the scopes that the promoted model knows, by name, with their classes.

    The field is not called `dataset`: an input of that name would hide the form's own `dataset` from ask.js.
    """

    image = forms.FileField(
        label=_("Image"),
        help_text=_("Dermoscopy, JPEG, PNG, TIFF, WebP or BMP, up to 40 MB. Choose it, drop it here, or paste it."),
        allow_empty_file=True,  # ingest says better what is wrong with it
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": _("Choose an image first.")},
    )
    scope = forms.ChoiceField(
        label=_("Question"),
        help_text=_("The model can only name the diagnoses of one question."),
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, datasets: dict[str, list[str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, f"{name}: {', '.join(classes)}") for name, classes in datasets.items()]
        self.fields["scope"].choices = [("", _("Let the model choose")), *named]
        self.fields["scope"].initial = ""
