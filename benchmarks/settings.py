"""The site as it is, with the baseline's view beside it."""

from webapp.settings.testing import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
