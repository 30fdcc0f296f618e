"""Every room's address. The rooms' own urls.py say the rest."""

from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView

from webapp.accounts import views as accounts

ROOMS = {
    "read/": "readerstudy.readingroom",
    "administration/": "readerstudy.administration",
    "results/": "readerstudy.analytics",
    "second-look/": "webapp.assistance",
    "models/": "webapp.inference",
}


def _rooms() -> list[URLPattern | URLResolver]:
    return [
        path(address, include(f"{room}.urls"))
        for address, room in ROOMS.items()
        if apps.is_installed(room) and find_spec(f"{room}.urls")
    ]


def _front_door() -> URLPattern | URLResolver:
    if apps.is_installed("readerstudy.demo") and find_spec("readerstudy.demo.urls"):
        return path("", include("readerstudy.demo.urls"))
    return path("", accounts.home, name="front-door")


urlpatterns = [
    path("accounts/", include("webapp.accounts.urls")),
    *_rooms(),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    _front_door(),
]
