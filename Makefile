# The two commands of a newcomer are `make app` and `make test`; `make check` is for whoever
# changes the code. All of them build .venv first, from the versions in requirements/, and only when
# these have changed.

BIN := .venv/bin
CITIES := $(or $(NETSPATIAL_CITIES),cities)
RUNS := $(or $(NETSPATIAL_RUNS),runs)
# What a first visitor sees planned: the middle of the demo city.
EXAMPLE := $(RUNS)/example-demo
EXAMPLE_AREA := --around=-1.087,57.7007 --side-m 3000 --samples 8
# And what he sees scheduled: the last two measured days of the stations around it.
SCHEDULE := $(RUNS)/example-schedule-demo
SCHEDULE_AREA := --around=-1.087,57.7007 --side-m 5000
PORT ?= 8501

# The first interpreter that really runs and is new enough; a version manager may offer names
# behind which there is none.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; \
	done)

.DEFAULT_GOAL := help
.PHONY: help app test check clean lock licences

help:
	@echo "make app    show the demo city in the web app (PORT=$(PORT), cities in $(CITIES))"
	@echo "make test   run the whole test suite"
	@echo "make check  lint, format, types and the direction of imports"
	@echo "make lock      take newer versions of all packages into requirements/"
	@echo "make licences  list all packages with their licences"
	@echo "make clean  remove the environment and what the tools have cached"

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
			|| echo "That did not work; the app starts without an example."; \
	fi
	@if [ ! -f "$(SCHEDULE)/summary.json" ]; then \
		echo "Scheduling stations of the demo city, into $(SCHEDULE) ..."; \
		$(BIN)/netspatial area $(SCHEDULE_AREA) --out "$(RUNS)/example-area.geojson" >/dev/null \
			&& $(BIN)/netspatial operate "$(CITIES)/demo" --stations "$(RUNS)/example-area.geojson" \
				--when replay --hours 48 --samples 8 --out "$(SCHEDULE)" >/dev/null \
			|| echo "That did not work; the app starts without an example of a schedule."; \
	fi
	@echo "Starting NetSpatial at http://127.0.0.1:$(PORT)  (Ctrl-C ends it)"
	@NETSPATIAL_CITIES="$(CITIES)" NETSPATIAL_RUNS="$(RUNS)" $(BIN)/python -m netspatial.ui.server.start \
		--port $(PORT)

test: .venv/dev.stamp assets/web/node_modules/.stamp
	@echo "Running the tests ..."
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile

# Every check runs, so that one round shows all there is to mend.
check: .venv/dev.stamp
	@failed=""; \
	for check in "ruff check ." "ruff format --check ." "mypy" "lint-imports"; do \
		echo "== $$check"; \
		$(BIN)/$$check || failed="$$failed  $$check\n"; \
	done; \
	if [ -n "$$failed" ]; then printf "Not clean:\n$$failed"; exit 1; fi; \
	echo "All checks are clean."

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/app.stamp: pyproject.toml requirements/app.txt
	@$(call environment,requirements/app.txt)
	@touch $@

# Leaflet, so that drawing on the map needs no internet. Without npm the app takes it from its public
# address, and says so.
assets/web/node_modules/.stamp: assets/web/package.json assets/web/package-lock.json
	@mkdir -p $(@D)
	@if command -v npm >/dev/null 2>&1; then \
		echo "Installing the map's scripts ..."; \
		(cd assets/web && npm ci --silent --no-audit --no-fund) || echo "npm could not; going on without."; \
	else \
		echo "npm is not there; the map to draw on will need the internet."; \
	fi
	@mkdir -p $(@D) && touch $@

.venv/dev.stamp: pyproject.toml requirements/dev.txt
	@$(call environment,requirements/dev.txt)
	@touch $@ .venv/app.stamp

# The versions that are installed, with their hashes, for every system; newer ones by `make lock`.
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
	echo "NetSpatial needs Python 3.11 or newer, and none was found; install it or say 'make PYTHON=/path/to/python'."; \
	exit 2; \
fi; \
echo "Preparing .venv with $$($(PYTHON) --version) and the packages of $(1) ..."; \
{ [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv; } \
&& $(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
&& $(BIN)/uv pip install --python $(BIN)/python --require-hashes --requirement $(1) \
&& $(BIN)/uv pip install --python $(BIN)/python --no-deps --editable .
endef
