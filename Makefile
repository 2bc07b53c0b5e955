# Every target bootstraps .venv from hash-locked requirements; only python3 (3.11 or newer), pip and make are needed.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check prove bench lock clean
help:           ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# A venv without its own pip: Debian's python3 may lack ensurepip, and the outer pip can fill the venv from outside.
.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python .venv install -q --require-hashes -r requirements/run.txt
	echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/robocell-checkout.pth"
	touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(PYTHON) -m pip --python .venv install -q --require-hashes -r requirements/dev.txt
	$(PYTHON) -m pip --python .venv install -q --no-build-isolation --no-deps -e .
	touch $@
