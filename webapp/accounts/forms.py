from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    next = forms.CharField(required=False, empty_value="/", max_length=500, widget=forms.HiddenInput)


class SigningPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New signing password"),
        help_text=_("At least 12 characters. You enter it again for every act that is signed."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same once more"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "password" in values and "again" in values and values["password"] != values["again"]:
            self.add_error("again", _("The two differ. Enter the same password twice."))
        return values
