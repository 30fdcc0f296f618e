#!/usr/bin/env python
"""Django's command line. Without DJANGO_SETTINGS_MODULE it runs the embedded site of `make demo`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings.demo")
    execute_from_command_line(sys.argv)
