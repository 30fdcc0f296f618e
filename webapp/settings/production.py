"""A site with real readers: PostgreSQL, Redis, HTTPS. A missing variable stops the start with its name."""

import os

from django.core.exceptions import ImproperlyConfigured

from webapp.settings.base import *


def _required(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError as missing:
        raise ImproperlyConfigured(f"Set {name}; docker-compose.yml shows a working set.") from missing


for _name in ("DATABASE_URL", "TRUTH_DATABASE_URL", "REDIS_URL"):
    _required(_name)
SECRET_KEY = _required("SECRET_KEY")
_hosts = _required("ALLOWED_HOSTS").split()
ALLOWED_HOSTS = [*_hosts, "127.0.0.1"]  # the container's own health check
SITE_ADDRESS = os.environ.get("DERMINO_SITE", f"https://{_hosts[0]}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in _hosts]

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = os.environ.get("DERMINO_PLAIN_HTTP") != "1"  # 1: behind no proxy, on one machine
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = 3600 * 24 * 365 if SECURE_SSL_REDIRECT else 0

EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
