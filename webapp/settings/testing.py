"""For pytest. tests/services.py gives it PostgreSQL, Redis and a folder of their own."""

import os
import tempfile

os.environ.setdefault("DERMINO_VAR", tempfile.mkdtemp(prefix="dermino-test-"))

from webapp.settings.base import *

SECRET_KEY = "for tests only: guards nothing"
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = os.environ.get("DERMINO_TEST_MAIL", "django.core.mail.backends.locmem.EmailBackend")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
