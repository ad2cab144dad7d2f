# Paths are relative throughout, so a folder whose name holds spaces works too.
export KERAS_BACKEND ?= tensorflow
export TF_CPP_MIN_LOG_LEVEL ?= 3

BIN := .venv/bin
BOOTSTRAP := @sh tools/bootstrap.sh
LOCK := pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --upgrade

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help book test notebooks lab check sweep bench lock clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

book: ## build the book: _build/html/index.html (warnings are errors, nothing is executed)
	$(BOOTSTRAP) book
	@sh tools/build_book.sh

test: ## run all tests: units, properties, doctests, notebooks, the built book in a browser
	$(BOOTSTRAP) all
	@$(MAKE) --no-print-directory book
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

notebooks: ## execute every lesson in place, normalise it, and renew the map
	$(BOOTSTRAP) all
	$(BIN)/python -m tools.notebooks run
	$(BIN)/python -m tools.map

lab: ## open JupyterLab on the lessons
	$(BOOTSTRAP) all
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

check: ## lint, format, notebooks' freshness and the map, in seconds
	$(BOOTSTRAP) all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tools.notebooks check
	$(BIN)/python -m tools.map --check

sweep: ## repeat over seeds the experiments behind the lessons' margins: make sweep NAME=...
	$(BOOTSTRAP) all
	$(BIN)/python -m rnncourse.reproduce.sweeps $(NAME)

bench: ## time the training loop beside PyTorch, fit and NumPy: ratios on three tasks, in four minutes
	$(BOOTSTRAP) all
	CUDA_VISIBLE_DEVICES=-1 $(BIN)/python -m tools.bench $(ARGS)

lock: ## renew both locks within pyproject.toml's ranges (options for uv: ARGS=...)
	$(BOOTSTRAP) book
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv || \
		{ echo "make lock needs uv, which could not be installed: connect to the network or put uv into $(BIN)"; exit 1; }
	$(BIN)/uv $(LOCK) $(ARGS) --extra book --extra lab --extra test pyproject.toml -o requirements/all.lock
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["book"], sep="\n")' | \
		$(BIN)/uv $(LOCK) $(ARGS) -c requirements/all.lock - -o requirements/book.lock

clean: ## remove what was built, and caches
	rm -rf _build .pytest_cache .hypothesis .ruff_cache .jupyter_cache
	find . -path ./.venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +

distclean: clean ## also remove .venv
	rm -rf .venv
