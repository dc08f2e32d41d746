# The commands of a developer. Everything they make goes into .venv, build and dist; `make clean` takes it away again.
# A fresh machine needs make, Python 3.11 or newer and a package index; a C compiler with Python's headers makes it quick.
#
# The suite runs twice. The packages under test are found like this:
#   interpreted   PYTHONPATH is the tree.
#   compiled      PYTHONPATH is .venv's site-packages, where the wheel is installed, and then the tree, for `tests` only.
# PYTHONSAFEPATH keeps the current directory from the import path, so neither run can take the other's code by accident.

PYTHON ?=
DEMO ?= samples/k24_kernel_abort_lunreset_recovery.pcap.zst
TESTS ?=
PYTEST_FLAGS ?= -n auto

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := dissectors iscsi_analyzer tui
SOURCES := $(sort $(shell find $(PACKAGES) -type f ! -name '*.py[co]'))
SITE = $(shell $(BIN)/python -I -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
BUILD = $(shell $(BIN)/python -I -c 'from iscsi_analyzer import build_info; print(build_info.describe())')
NOT_COMPILED := the wheel in $(VENV) is not compiled (make clean install says why)
# Prints the requirements that pyproject.toml has under the given dotted names, one a line.
REQUIREMENTS = $(BIN)/python -c 'import functools, sys, tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
    [print(*functools.reduce(dict.get, name.split("."), project), sep="\n") for name in sys.argv[1:]]'

export PYTHONSAFEPATH := 1
export PYTHONPATH :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONHOME

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help demo install test test-interpreted test-compiled lint format bench docs dist clean FORCE

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1@/p' $(MAKEFILE_LIST) | awk -F@ '{printf "  make %-18s %s\n", $$1, $$2}'
	@echo "  variables: PYTHON=python3.12  DEMO=$(DEMO)  TESTS='tests/meta -k name'  PYTEST_FLAGS='$(PYTEST_FLAGS)'"

demo: install  ## install into .venv and show the report of a sample
	$(BIN)/iscsi-analyzer $(DEMO)

install: $(VENV)/.installed  ## build the wheel, compiled if possible, and install it into .venv

test: $(VENV)/.tools $(VENV)/.installed  ## the whole suite, on the interpreted tree and then on the compiled wheel
	@case '$(BUILD)' in compiled*) ;; *) echo "--- $(NOT_COMPILED): the suite runs interpreted only";; esac
	@$(MAKE) --no-print-directory test-interpreted
	@case '$(BUILD)' in compiled*) $(MAKE) --no-print-directory test-compiled;; esac

test-interpreted: $(VENV)/.tools
	@echo "--- the suite on the interpreted tree"
	PYTHONPATH='$(CURDIR)' ISCSI_ANALYZER_EXPECT_BUILD=interpreted $(BIN)/python -m pytest $(PYTEST_FLAGS) $(TESTS)

test-compiled: $(VENV)/.tools $(VENV)/.installed
	@case '$(BUILD)' in compiled*) ;; *) echo "$(NOT_COMPILED)" >&2; exit 1;; esac
	@echo "--- the suite on the installed wheel, which is $(BUILD)"
	PYTHONPATH='$(SITE):$(CURDIR)' ISCSI_ANALYZER_EXPECT_BUILD=compiled $(BIN)/python -m pytest $(PYTEST_FLAGS) $(TESTS)

lint: $(VENV)/.tools  ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PYTHONPATH='$(CURDIR)' $(BIN)/python -m mypy

format: $(VENV)/.tools  ## put the sources into their format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tools $(VENV)/.installed  ## the benchmarks, side by side with tshark
	PYTHONPATH='$(SITE):$(CURDIR)' $(BIN)/python -m tests.benchmarks

# A package that has generated documents has a module generate_docs, which writes them where they belong.
docs: $(VENV)/.tools  ## write the generated documents again
	@for file in $$(find $(PACKAGES) -name generate_docs.py | sort); do \
	    module=$$(echo "$${file%.py}" | tr / .); \
	    echo "$(BIN)/python -m $$module"; \
	    PYTHONPATH='$(CURDIR)' $(BIN)/python -m "$$module" || exit 1; \
	done

dist: $(VENV)/.runtime  ## source distribution and wheel in dist/
	$(BIN)/python -m hatchling build -d dist

clean:  ## remove everything that make made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests samples -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps. A changed pyproject.toml looks after the dependencies, a changed source makes a new wheel and nothing else.

$(VENV)/.made:
	@for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "Python 3.11 or newer is needed, and none was found on PATH (PYTHON=/path/to/python3 names one)." >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found cannot make virtual environments (Debian and Ubuntu: install the package python3-venv)." >&2; exit 1; \
	fi; \
	echo "--- $$("$$found" --version) makes $(VENV)"; \
	"$$found" -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: pyproject.toml $(VENV)/.made
	@$(REQUIREMENTS) build-system.requires project.dependencies > $@.txt
	$(BIN)/python -m pip install -q -r $@.txt
	@touch $@

$(VENV)/.tools: pyproject.toml $(VENV)/.runtime
	@$(REQUIREMENTS) project.optional-dependencies.test > $@.txt
	$(BIN)/python -m pip install -q -r $@.txt
	@touch $@

# The list of the sources: a removed file makes a new wheel, too.
$(VENV)/.sources: $(VENV)/.made FORCE
	@echo $(SOURCES) | cmp -s - $@ || echo $(SOURCES) > $@

# Not `pip install .`, which hides what the build says about the compiler and fetches the tools of the build every time.
$(VENV)/.installed: $(VENV)/.runtime $(VENV)/.sources $(SOURCES) LICENSE
	@rm -rf build/wheel
	$(BIN)/python -m hatchling build -t wheel -d build/wheel
	$(BIN)/python -m pip install -q --no-deps --force-reinstall build/wheel/*.whl
	@$(BIN)/python -I -c 'from iscsi_analyzer import build_info; print("--- installed:", build_info.describe())'
	@touch $@

FORCE:
