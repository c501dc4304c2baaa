PYTHON ?= python3
PORT ?= auto
BOARD ?=
K ?=
BIN := .venv/bin
SEEDS ?= 3
# For two cores: who waits for a band's clock leaves its core to a third.
WORKERS ?= 3
# A file's tests on one worker: what is dear is made once. The order is that of tests/whole.py.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo docs words hardware picture test test-whole mutants mutants-whole mutants-kept \
	test-bluez search lint types format bench size dist try-dist sbom release deploy repl clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Make .venv with all that the project needs

.venv/.ready: host/pyproject.toml host/setup.py host/tools/make_venv.py
	$(PYTHON) host/tools/make_venv.py

demo: setup ## Three virtual nights, synced over the virtual radio, shown as a chart
	$(BIN)/notturno demo

test: setup ## Run all tests (K=name runs those that match)
	$(BIN)/python -m pytest tests -q $(SPREAD) $(if $(K),-k "$(K)")

test-whole: setup ## All tests, also those that are minutes long
	NOTTURNO_WHOLE=1 $(BIN)/python -m pytest tests -q $(SPREAD)

test-bluez: setup ## Five kinds of sync over the real BlueZ, in a machine of its own (QEMU)
	$(BIN)/python tests/bluez/run_five_syncs.py

mutants: setup ## Change what is new since the last tag, a line at a time: does a test see it?
	$(BIN)/python host/tools/mutants.py $(ARGS)

mutants-whole: setup ## The same over the whole source (days; ARGS="--room scoring --most 100")
	$(BIN)/python host/tools/mutants.py --all --most 0 $(ARGS)

mutants-kept: setup ## The changes that once went unseen (tests/house/killed.toml), made again
	$(BIN)/python host/tools/mutants.py --kept --most 0 $(ARGS)

docs: setup ## Make protocol, data dictionary, commands, settings, versions and rooms from the code
	$(BIN)/python host/tools/make_docs.py

words: setup ## Bring the catalogues of words up to date with the source
	$(BIN)/python host/tools/make_words.py

hardware: setup ## Make the pages, pictures and cases of hardware/ from its data
	$(BIN)/python hardware/rendering/make_hardware.py

picture: setup ## Draw README's picture of the morning page anew (some minutes; needs Chromium)
	$(BIN)/python host/tools/make_picture.py $(ARGS)

search: setup ## Run the tests that search for a counterexample, with new inputs (K=name)
	NOTTURNO_WHOLE=1 $(BIN)/python -m pytest tests -q $(SPREAD) -m hypothesis \
		--hypothesis-profile search $(if $(K),-k "$(K)")

lint: setup types ## Check style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## Check types: None, other shapes, wrong arguments, the port's names (a minute)
	$(BIN)/basedpyright -p host/pyproject.toml --pythonpath $(BIN)/python
	$(BIN)/python host/tools/port_names.py

format: setup ## Put the code into the project's style
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: setup ## Measure the detector against the baselines (SEEDS=3)
	$(BIN)/notturno bench detector --seeds $(SEEDS)

size: setup ## Bytes of the detector's machine code, per chip
	$(BIN)/python -m notturno.detect.size

dist: setup ## Build wheel and source package, each with firmware, VM and shims
	rm -rf dist && $(BIN)/python -m build --outdir dist host

try-dist: dist ## Install each of both where no checkout is; self-test, flash --help, the demo
	for file in dist/notturno-*; do $(PYTHON) host/tools/try_package.py $$file || exit 1; done

sbom: dist ## Write what the wheel is made of and needs (CycloneDX)
	$(BIN)/python host/tools/make_sbom.py dist/notturno-*.whl dist/notturno.cdx.json

release: setup ## Say what stands between this checkout and a release, and then the commands for it
	$(BIN)/python host/tools/release.py

deploy: setup ## Put the program onto a band (PORT=/dev/ttyACM0 BOARD=xiao_esp32s3)
	$(BIN)/notturno flash --port $(PORT) $(if $(BOARD),--board $(BOARD))

repl: setup ## Open the band's prompt (PORT=...)
	$(BIN)/mpremote connect $(PORT) repl

clean: ## Remove what set-up and runs have made
	rm -rf .venv dist host/build host/src/*.egg-info host/src/notturno/virtualband/vm/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
