"""For pytest. tests/services.py gives it PostgreSQL, a broker, and processes beside it."""

import os
import tempfile

# The processes that a test starts are told its folder; each pytest process makes one of its own.
os.environ["DERMINO_VAR"] = os.environ.get("DERMINO_TEST_VAR") or tempfile.mkdtemp(prefix="dermino-test-")

from webapp.settings.base import *

SECRET_KEY = "for tests only: guards nothing"
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests sign often
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")  # nobody answers: the fixture `broker` does
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

if HAS_TRUTH:
    INSTALLED_APPS += ["readerstudy.demo"]  # lets anybody in as anybody: never where real readers are
