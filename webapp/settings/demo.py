"""The embedded site: one folder, no server to install. For trying out, not for studies with real readers."""

import os
import secrets

from webapp.settings.base import *
from webapp.settings.base import VAR_DIR

_key_file = VAR_DIR / "secret-key"
if not _key_file.exists():
    _key_file.touch(mode=0o600)
    _key_file.write_text(secrets.token_urlsafe(48))
SECRET_KEY = _key_file.read_text()

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *os.environ.get("ALLOWED_HOSTS", "").split()]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"

if HAS_TRUTH:
    INSTALLED_APPS += ["readerstudy.demo"]  # lets anybody in as anybody: never where real readers are
