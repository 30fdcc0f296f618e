from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    next = forms.CharField(required=False, empty_value="/", max_length=500, widget=forms.HiddenInput)
