"""Every room's address. The rooms' own urls.py say the rest."""

from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from webapp.accounts import views as accounts


def _rooms() -> list[URLPattern | URLResolver]:
    return [
        path(address, include(f"{room}.urls"))
        for address, room, _title, _roles in settings.ROOMS
        if find_spec(f"{room}.urls")
    ]


def _front_door() -> URLPattern | URLResolver:
    if apps.is_installed("readerstudy.demo") and find_spec("readerstudy.demo.urls"):
        return path("", include("readerstudy.demo.urls"))
    return path("", accounts.home, name="front-door")


urlpatterns = [
    path("accounts/", include("webapp.accounts.urls")),
    *_rooms(),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("webapp.operations.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    _front_door(),
]
