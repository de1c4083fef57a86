# Everything here sets itself up: it needs Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
.PHONY: help demo test soak check lab bench format js clean lab-env dev-env
bin := .venv/bin
# Two workers: the suite is made for a machine with two cores.
WORKERS ?= 2

help:  ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: lab-env  ## draw, score and report the demo on the simulated studio (no AWS account, no cost)
	@$(bin)/prodimg demo

lab: lab-env  ## open JupyterLab on the notebooks (ARGS=--allow-root and the like are handed on)
	@$(bin)/jupyter lab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks/01_first_sweep.ipynb $(ARGS)

check: dev-env  ## format, lint, types, import rules, spelling, notebooks without outputs
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/codespell prodimg_lab tests docs templates README.md CHANGELOG.md
	@$(bin)/nbstripout --verify notebooks/*.ipynb
	@$(bin)/jupytext --test --to py:percent notebooks/*.ipynb >/dev/null

test: dev-env check  ## check, then the whole suite, browser included
	@tools/chromium.sh
	@tools/js.sh
	@$(bin)/python -m pytest -q -n $(WORKERS) --dist loadgroup

soak: dev-env  ## the same tests at the counts that the issues name (long)
	@tools/chromium.sh
	@tools/js.sh
	@$(bin)/python -m pytest -q -n $(WORKERS) --dist loadgroup --soak

bench: dev-env  ## measure; results go to benchmarks/results
	@for file in benchmarks/bench_*.py; do $(bin)/python $$file || exit 1; done

format: dev-env  ## mend what the formatter can mend
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .
	@$(bin)/nbstripout notebooks/*.ipynb

js: dev-env  ## bundle the widgets' scripts anew (prodimg_lab/widgets/js -> static)
	@tools/js.sh run bundle

lab-env:
	@tools/venv.sh lab

dev-env:
	@tools/venv.sh dev

clean:  ## remove .venv, caches, runs and pictures
	rm -rf .venv .prodimg .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf experiments/objects experiments/*/runs
