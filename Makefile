# Every target bootstraps .venv from hash-locked requirements; only python3 (3.11 or newer), pip and make are needed.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check bench bench-motion bench-vision prove lock clean
help:           ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# What is run needs no build tools: the checkout is put on the path, and a script stands for the entry point.
# A venv without its own pip: Debian's python3 may lack ensurepip, and the outer pip can fill the venv from outside.
.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python .venv install -q --require-hashes -r requirements/run.txt
	echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/robocell-checkout.pth"
	printf '#!/bin/sh\nexec "%s/.venv/bin/python" -m robocell "$$@"\n' "$(CURDIR)" > $(BIN)/robocell
	chmod +x $(BIN)/robocell
	touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(PYTHON) -m pip --python .venv install -q --require-hashes -r requirements/dev.txt
	$(PYTHON) -m pip --python .venv install -q --no-build-isolation --no-deps -e .
	touch $@

.venv/peers: .venv/dev requirements/peers.txt
	$(PYTHON) -m pip --python .venv install -q --require-hashes -r requirements/peers.txt
	touch $@

demo: .venv/run ## a simulated cell at work; prints where its report is
	@world=bullet; \
	if ! $(BIN)/python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("pybullet") is None)'; then \
	    world=kinematic; \
	    echo "PyBullet has a wheel for Python 3.11 only and is not here: the kinematic world runs instead (geometry, no contacts)."; \
	fi; \
	$(BIN)/robocell run cells/cap-sorting.yaml --world $$world --parts 30

test: .venv/dev ## the test suite
	$(BIN)/python -m pytest -q -n 2

check: .venv/dev ## format, lint, types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-cache

prove: .venv/dev ## long campaigns: ten seeds of cap sorting in Bullet
	$(BIN)/python -m tests.campaigns.sorting --seeds 10 --parts 100

bench: .venv/dev ## all benchmarks, some minutes
	@for name in cells choice motion vision worlds; do \
	    echo "== $$name"; \
	    $(BIN)/python -m benchmarks.$$name || exit 1; \
	done

bench-motion: .venv/peers ## the motion core against its peers, which are installed for it
	$(BIN)/python -m benchmarks.motion

bench-vision: .venv/dev ## inspection against OpenCV and the other peers
	$(BIN)/python -m benchmarks.vision

lock:           ## write the locked requirements anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --extra sim --extra vision \
	    --custom-compile-command "make lock" -q -o requirements/run.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --extra sim --extra vision --extra genicam --extra serial --extra dev \
	    -c requirements/run.txt --custom-compile-command "make lock" -q -o requirements/dev.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --extra peers \
	    -c requirements/dev.txt --custom-compile-command "make lock" -q -o requirements/peers.txt

clean:          ## forget the environment and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
