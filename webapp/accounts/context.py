"""What every page's menu needs."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from webapp.accounts.roles import roles_of


@dataclass(frozen=True, slots=True)
class NavLink:
    title: str
    url: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav_links`: the rooms that this person's roles open."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav_links": []}
    mine = roles_of(user)
    links = [
        NavLink(title=title, url=f"/{address}", current=request.path.startswith(f"/{address}"))
        for address, _room, title, roles in settings.ROOMS
        if title and (not roles or mine & set(roles))
    ]
    return {"nav_links": links}
