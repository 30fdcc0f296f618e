from django.http import HttpRequest

from webapp.accounts.roles import roles_of


def roles(request: HttpRequest) -> dict[str, frozenset[str]]:
    """`my_roles` for the site's menu: empty for who is not signed in."""
    user = getattr(request, "user", None)
    return {"my_roles": roles_of(user) if user is not None and user.is_authenticated else frozenset()}
