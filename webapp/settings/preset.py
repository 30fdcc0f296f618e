"""A site of simulated readers in a folder of its own, made anew by every run: `make preset`.

What such a site loses in a power cut is made again by one command, so SQLite need not wait for the disk.
"""

from webapp.settings.demo import *

for _database in DATABASES.values():
    if "init_command" in _database["OPTIONS"]:
        _database["OPTIONS"]["init_command"] += ";PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF"

SESSION_ENGINE = "django.contrib.sessions.backends.cache"  # of this process
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
LOGGING["root"]["level"] = "WARNING"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is served, and WhiteNoise shall not warn of it
