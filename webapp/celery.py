"""The Celery application. Web processes send by name; only workers import the rooms' tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings.demo")

app = Celery("dermino")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # threads of the web server have no current app of their own
app.autodiscover_tasks()  # when a worker starts, not on import
