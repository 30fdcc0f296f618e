"""What every way of running the site shares. Values that differ by machine come from the environment."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from webapp.settings.databases import database

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(os.environ.get("DERMINO_VAR", BASE_DIR / "var")).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DATABASES = {"default": database(os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR}/site.sqlite3"))}
TRUTH_DATABASE_URL = os.environ.get("TRUTH_DATABASE_URL", f"sqlite:///{VAR_DIR}/truth.sqlite3")
HAS_TRUTH = TRUTH_DATABASE_URL != "none"  # a node that serves readers only need not reach the truth
if HAS_TRUTH:
    DATABASES["truth"] = database(TRUTH_DATABASE_URL)
DATABASE_ROUTERS = ["webapp.settings.databases.TruthApart"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "webapp.accounts",
    "webapp.imagery",
    "webapp.inference",
    "webapp.assistance",
    "webapp.audit",
    "webapp.work",
    "webapp.operations",
    "readerstudy",
    "readerstudy.readingroom",
]
if HAS_TRUTH:  # pages and commands that join answers with the truth
    INSTALLED_APPS += [
        "readerstudy.truth",
        "readerstudy.exchange",
        "readerstudy.administration",
        "readerstudy.analytics",
        "readerstudy.simulation",
    ]

# Address, app, title in the menu, roles that see it there (none: everybody signed in). The room's views decide anew.
_rooms = [
    ("read/", "readerstudy.readingroom", _("Reading"), ()),
    ("administration/", "readerstudy.administration", _("Studies"), ("administrator", "team")),
    ("results/", "readerstudy.analytics", _("Results"), ("administrator", "team")),
    ("second-look/", "webapp.assistance", _("Second look"), ("clinician",)),
    ("models/", "webapp.inference", _("Models"), ("administrator", "engineer")),
]
ROOMS = [room for room in _rooms if room[1] in INSTALLED_APPS]

MIDDLEWARE = [
    "webapp.operations.arrival.stamp_arrival",  # first: an answer's time is when it came, not when we got to it
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.accounts.context.navigation",
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
# Memory-hard. Passwords here only sign; nobody signs in with one.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would sign a reader out on the way from the invitation mail
# Before the path of a link in a mail that a worker writes: no request tells it.
SITE_ADDRESS = os.environ.get("DERMINO_SITE", "http://127.0.0.1:8000").rstrip("/")
DEFAULT_FROM_EMAIL = os.environ.get("DERMINO_MAIL_FROM", "reader-study@localhost")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]  # a language is offered once its texts lie in locale/
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("DERMINO_STATIC", VAR_DIR / "static"))  # a container image holds its own
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "webapp.operations.static.HashedStaticFiles"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would list the choices of every field
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DermINO reader study",
    "DESCRIPTION": "The pages' own JSON interface. Research use only.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# Images. Limits are on what is read, before any pixel is decoded.
IMAGERY_ROOT = VAR_DIR / "images"
IMAGERY_MAX_BYTES = 40 * 1024**2
IMAGERY_MAX_PIXELS = 64_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2

# The broker only rings; what must not be lost is a row of webapp.work.
BROKER_URL_FILE = VAR_DIR / "run" / "broker-url"  # `serve` writes it, so that commands beside it find its broker
CELERY_BROKER_URL = os.environ.get("REDIS_URL") or (
    BROKER_URL_FILE.read_text().strip() if BROKER_URL_FILE.exists() else "redis://127.0.0.1:6379/0"
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_CONNECTION_TIMEOUT = 1
# Once more at once, for a pooled connection gone stale; a page must not wait for a broker that is gone.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # above the longest task
    "unacked_restore_throttle": 1,
    "unacked_restore_interval": 5,
    "socket_connect_timeout": 1,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("DERMINO_LOG", "INFO")},
}
