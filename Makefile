# `make app` starts the web app, `make test` runs the tests, `make check` checks changed code. Each
# first builds .venv from the versions in requirements/, if these have changed.

BIN := .venv/bin
CITIES := $(or $(NETSPATIAL_CITIES),cities)
RUNS := $(or $(NETSPATIAL_RUNS),runs)
# The example plan: the centre of the demo city.
EXAMPLE := $(RUNS)/example-demo
EXAMPLE_AREA := --around=-1.087,57.7007 --side-m 3000 --samples 8
# The example schedule: the last two measured days of the stations around it.
SCHEDULE := $(RUNS)/example-schedule-demo
SCHEDULE_AREA := --around=-1.087,57.7007 --side-m 5000
PORT ?= 8501

# The first interpreter that runs and is new enough; a version manager may list names without an
# interpreter.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; \
	done)

.DEFAULT_GOAL := help
.PHONY: help app test check docs notebooks pictures wheel clean lock licences

help:
	@echo "make app    show the demo city in the web app (PORT=$(PORT), cities in $(CITIES))"
	@echo "make test   run the whole test suite"
	@echo "make check  check lint, format, types and import directions"
	@echo "make docs   build the documentation site into site/"
	@echo "make pictures  take the pictures of the app in docs/pictures/ with Chromium"
	@echo "make notebooks  execute the notebooks of the documentation and store their outputs"
	@echo "make wheel  build the package into dist/, with the app and the map's scripts"
	@echo "make lock      update the versions of all packages in requirements/"
	@echo "make licences  list all packages with their licences"
	@echo "make clean  remove the environment and the tools' caches"

app: .venv/app.stamp assets/web/node_modules/.stamp
	@if [ -f "$(CITIES)/demo/city.json" ]; then \
		echo "The demo city is in $(CITIES)/demo."; \
	else \
		echo "Simulating the demo city into $(CITIES)/demo ..."; \
		$(BIN)/netspatial simulate --seed 7 --out "$(CITIES)/demo"; \
	fi
	@if [ ! -f "$(EXAMPLE)/plan.json" ]; then \
		echo "Planning an example in the demo city, into $(EXAMPLE) ..."; \
		$(BIN)/netspatial plan "$(CITIES)/demo" $(EXAMPLE_AREA) --out "$(EXAMPLE)" >/dev/null \
			|| echo "This failed; the app starts without an example plan."; \
	fi
	@if [ ! -f "$(SCHEDULE)/summary.json" ]; then \
		echo "Scheduling stations of the demo city, into $(SCHEDULE) ..."; \
		$(BIN)/netspatial area $(SCHEDULE_AREA) --out "$(RUNS)/example-area.geojson" >/dev/null \
			&& $(BIN)/netspatial operate "$(CITIES)/demo" --stations "$(RUNS)/example-area.geojson" \
				--mode backtest --hours 48 --samples 8 --out "$(SCHEDULE)" >/dev/null \
			|| echo "This failed; the app starts without an example schedule."; \
	fi
	@echo "Starting NetSpatial at http://127.0.0.1:$(PORT)  (Ctrl-C stops it)"
	@NETSPATIAL_CITIES="$(CITIES)" NETSPATIAL_RUNS="$(RUNS)" $(BIN)/python -m netspatial.ui.server.start \
		--port $(PORT)

test: .venv/dev.stamp assets/web/node_modules/.stamp
	@echo "Running the tests ..."
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile

# All checks run, so that one call lists every failure.
check: .venv/dev.stamp
	@failed=""; \
	for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports"; do \
		echo "== $$check"; \
		$(BIN)/$$check || failed="$$failed  $$check\n"; \
	done; \
	if [ -n "$$failed" ]; then printf "Failed:\n$$failed"; exit 1; fi; \
	echo "All checks passed."

# The figures first, so that no chart is older than its table; --strict fails on a broken link.
docs: .venv/dev.stamp
	@$(BIN)/python docs/figures/make.py
	@$(BIN)/mkdocs build --strict
	@echo "The documentation is in site/; open site/index.html."

# After a change of the pages; the first call also makes a demo city, two plans and a schedule.
pictures: .venv/dev.stamp assets/web/node_modules/.stamp
	@$(BIN)/python docs/pictures/make.py

notebooks: .venv/dev.stamp
	@$(BIN)/python docs/notebooks/make.py
	@echo "The notebooks in docs/notebooks hold the outputs of the present code."

wheel: .venv/dev.stamp assets/web/node_modules/.stamp
	@$(BIN)/python -m hatchling build --target wheel

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/app.stamp: pyproject.toml requirements/app.txt
	@$(call environment,requirements/app.txt)
	@touch $@

# Leaflet, so that drawing on the map needs no internet. Without npm the app loads it from its public
# address and reports this.
assets/web/node_modules/.stamp: assets/web/package.json assets/web/package-lock.json
	@mkdir -p $(@D)
	@if command -v npm >/dev/null 2>&1; then \
		echo "Installing the map's scripts ..."; \
		(cd assets/web && npm ci --silent --no-audit --no-fund) || echo "npm failed; continuing without them."; \
	else \
		echo "npm is not installed; drawing on the map will need the internet."; \
	fi
	@mkdir -p $(@D) && touch $@

.venv/dev.stamp: pyproject.toml requirements/dev.txt
	@$(call environment,requirements/dev.txt)
	@touch $@ .venv/app.stamp

# Pin the installed versions with their hashes for every system; `make lock` updates them.
lock: .venv/dev.stamp
	@for name in dev app; do \
		extra=""; [ "$$name" = dev ] && extra="--extra dev"; \
		$(BIN)/uv pip compile pyproject.toml $$extra --universal --python-version 3.11 --upgrade \
			--generate-hashes --no-header --no-annotate --quiet \
			$$([ "$$name" = app ] && echo "--constraint requirements/dev.txt") \
			--output-file requirements/$$name.txt || exit 1; \
	done

licences: .venv/app.stamp
	@$(BIN)/netspatial licences

define environment
if [ -z "$(PYTHON)" ]; then \
	echo "NetSpatial needs Python 3.11 or newer, and none was found; install it or run 'make PYTHON=/path/to/python'."; \
	exit 2; \
fi; \
echo "Preparing .venv with $$($(PYTHON) --version) and the packages of $(1) ..."; \
{ [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; } \
&& $(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
&& $(BIN)/uv pip install --python $(BIN)/python --require-hashes --requirement $(1) \
&& $(BIN)/uv pip install --python $(BIN)/python --no-deps --editable .
endef
