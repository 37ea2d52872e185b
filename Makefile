# `make` alone lists what there is. Needed on the machine: Python 3.11 or newer with venv, make, git.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV   ?= .venv
BIN    := $(VENV)/bin
PROMPT ?= church bells
SEED   ?=
OUT    ?=
# Which build of PyTorch: cpu or cuda; empty looks whether Linux shows an NVIDIA device (torch_build.py says the rest).
TORCH  ?=
# How many processes run tests (0: this one, as --pdb wants it). Each takes its share of the cores.
WORKERS ?= 2
# Extra words for pytest, e.g. ARGS="tests/sound -x", for JupyterLab, e.g. LAB_ARGS="--no-browser --port 9000",
# and for Voila, e.g. APP_ARGS=--theme=dark.
ARGS     ?=
LAB_ARGS ?=
APP_ARGS ?=

# A process that crashes ends the run: started anew, it would leave the others waiting for ever (pytest-xdist 3.8).
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)
JS     := riffkit/widgets/js

export PROMPT
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What Python compiles when it first imports is kept, or every start would cost seconds more.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lab app riff test test-fast test-faults lint lint-js format bench bench-speed bench-sound bench-model bench-riff bench-finetune bench-widgets render doctor lock wheel clean

help: ## this list
	@echo "riffkit: words to music by way of spectrogram pictures"
	@echo
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(VENV)/.ready ## create .venv with the tested packages and riffkit itself (done once)

lab: $(VENV)/.ready ## open JupyterLab on the first notebook
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" $(if $(filter 0,$(shell id -u)),--allow-root) \
		$(LAB_ARGS) notebooks/00_welcome.ipynb

# For people one trusts: each of them gets a process of some 700 MB, which can be kept busy. It ends when they are gone.
app: $(VENV)/.ready ## the panel alone, as a page in the browser: no notebook, no code (Voila); for people you trust
	$(BIN)/voila notebooks/app/prompt_lab.ipynb --theme=light --MappingKernelManager.cull_interval=60 \
		--MappingKernelManager.cull_idle_timeout=600 $(APP_ARGS)

riff: $(VENV)/.ready ## words to a sound file: make riff PROMPT="church bells" SEED=7 OUT=bells.wav
	@$(BIN)/riffkit riff "$$PROMPT" $(if $(SEED),--seed $(SEED)) $(if $(OUT),-o "$(OUT)")

test: $(VENV)/.ready $(VENV)/.for-tests ## all tests (some of them: ARGS="tests/sound -x")
	$(PYTEST) $(ARGS)

test-fast: $(VENV)/.ready $(VENV)/.for-tests ## the quick ones alone: what breaks most breaks here, within some three minutes
	$(PYTEST) -m "not slow and not browser" $(ARGS)

test-faults: $(VENV)/.ready $(VENV)/.for-tests ## thousands of damaged files, odd words, kills and full disks (half an hour)
	RIFFKIT_FAULTS=1 $(PYTEST) tests/faults $(ARGS)

lint: $(VENV)/.ready lint-js ## errors, formatting, types: package and notebooks (ruff, mypy), JavaScript (lint-js)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-js: ## the panels' JavaScript: types and errors (tsc, oxlint), where node is; npx takes both
	@if ! command -v npx >/dev/null; then echo "lint-js: no node here, so the JavaScript is not checked"; else set -ex; \
		npx --yes -p typescript@5 tsc -p $(JS)/jsconfig.json; \
		npx --yes oxlint@1 -c $(JS)/.oxlintrc.json --deny-warnings $(JS); fi

format: $(VENV)/.ready ## ruff: mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

doctor: $(VENV)/.ready ## is everything there that riffkit needs?
	@$(BIN)/riffkit doctor

bench: bench-speed bench-model bench-riff bench-finetune bench-sound ## all benchmarks, beside their peers (more than an hour)

bench-speed: $(VENV)/.ready ## words to a file: seconds, stage by stage
	$(BIN)/python -m benchmarks.speed $(ARGS)

bench-sound: $(VENV)/.ready ## sound to picture to sound: quality and seconds (ARGS=--quick for a first look)
	$(BIN)/python -m benchmarks.sound $(ARGS)

bench-model: $(VENV)/.ready ## does the embedded model follow the words?
	$(BIN)/python -m benchmarks.model $(ARGS)

bench-riff: $(VENV)/.ready ## loops, kept parts, journeys: what riffing promises, measured
	$(BIN)/python -m benchmarks.riffing $(ARGS)

bench-finetune: $(VENV)/.ready ## does a LoRA learn a new sound? (ARGS=--speed: beside stock diffusers, ARGS=--full-size)
	$(BIN)/python -m benchmarks.finetune $(ARGS)

bench-widgets: $(VENV)/.ready ## widgets in a real browser: bytes in a saved notebook, time to sound
	$(BIN)/python -m benchmarks.widgets $(ARGS)

render: $(VENV)/.ready ## what composing training music needs (tinysoundfont; the soundfont: Debian's fluidr3mono-gm-soundfont)
	$(BIN)/python -m pip install -q --no-deps -r requirements-render.lock
	@$(BIN)/riffkit doctor | grep -i -E 'soundfont'

wheel: $(VENV)/.ready ## dist/riffkit-*.whl, the embedded model inside
	$(BIN)/python -m pip wheel -q --no-deps -w dist .

# A new lock file from the ranges in pyproject.toml: everything newest that the oldest Python takes. Then `make test`.
# pip asks for --target before it resolves for another Python than its own, even if nothing is to be installed.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install -q --dry-run --ignore-installed --python-version 3.11.0 --only-binary=:all: \
		--target build/lock/none --report build/lock/report.json "torch==$$(sed -n 's/^torch==//p' requirements.lock)" '.[train,app,dev]'
	build/lock/bin/python .ci/write_lock.py build/lock/report.json
	rm -rf build/lock

clean: ## remove .venv and caches (never your sounds)
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache

# The stamp is touched last: a set-up that was interrupted starts again, one that is done is not repeated.
# --no-compile: the warm-up compiles what it imports, a small part of what is installed.
$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "riffkit needs Python 3.11 or newer; say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv is missing; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the tested packages into $(VENV) (once, a minute or two) ..."
	@$(BIN)/python torch_build.py $(TORCH)
	@$(BIN)/python -m pip install -q --no-compile -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps -e .
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
		> $(VENV)/share/jupyter/lab/settings/overrides.json
	@echo "Warming up (once) ..."
	@$(BIN)/riffkit riff piano --steps 1 --force -o $(VENV)/warm-up.wav >$(VENV)/warm-up.log 2>&1 \
		|| { tail -3 $(VENV)/warm-up.log >&2; echo "That is for \`make doctor\`; going on." >&2; }
	@touch $@

# What tests need besides: a synthesizer, for which there are not wheels for every machine (without it the tests that play
# are skipped); and what librosa compiles when it is first imported, since two processes that compile it at once leave a
# cache whose parts do not fit, and crash.
$(VENV)/.for-tests: requirements-render.lock $(VENV)/.ready
	@$(BIN)/python -m pip install -q --no-deps --only-binary=:all: -r requirements-render.lock 2>/dev/null \
		|| echo "No tinysoundfont for this Python and system: tests that play a soundfont are skipped."
	@echo "Warming up for tests (once) ..."
	@$(BIN)/python -c "import librosa.beat, librosa.core.audio, librosa.core.pitch, librosa.util.utils"
	@touch $@
