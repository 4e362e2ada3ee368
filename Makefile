# The few commands that a newcomer needs. `make run` and `make test` set up first, which does nothing when all is there.
PYTHON := .venv/bin/python
DATA ?= .local
SEED ?= demo
RUN_OPTIONS ?=
PYTEST_OPTIONS ?=

SEEDS ?= 1000
REMINDERS ?= 5000
KILLS ?= 12
CASES ?= 20000
MUTANTS ?= 500
AREA ?= rules
STAGE ?= dev
SET ?=
YES ?=

.PHONY: catalogues rotate-secret drop-secret lock audit sbom fuzz lint-openapi kills setup client screenshots run test long lint types openapi check simulate bench bench-large setup-aws lint-template deploy preflight logs destroy operator-key smoke mutations mutants

setup:
	@python3 infra/setup.py

run: setup
	@exec $(PYTHON) -m infra.local --data $(DATA) --seed $(SEED) $(RUN_OPTIONS)

# Compiled modules are kept, also where PYTHONDONTWRITEBYTECODE is set: workers and subprocesses would compile all of them each time.
test long: export PYTHONDONTWRITEBYTECODE :=

# Three workers on two cores: each of them often waits, for an engine, a process or the browser.
test: setup
	@$(PYTHON) -m pytest -n 3 --dist worksteal -m "not long" $(PYTEST_OPTIONS)

# The tests marked `long`: proofs with big numbers, run in CI.
long: setup
	@$(PYTHON) -m pytest -n 3 --dist worksteal -m long $(PYTEST_OPTIONS)

lint: setup
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

types: setup
	@$(PYTHON) -m mypy

kills: setup ## kill -9 of runner and engines while reminders are due; REMINDERS=5000 KILLS=12
	@$(PYTHON) -m bench.kills --reminders $(REMINDERS) --kills $(KILLS)

simulate: setup
	@$(PYTHON) -m tests.simulation --seeds $(SEEDS)

mutations: setup ## ATS events: 100,000 mutated bodies and signatures posted, 200 orders of each sort (some minutes)
	@HEARDBACK_MUTATIONS=100000 HEARDBACK_ORDERS=200 $(PYTHON) -m pytest -rP -n 2 tests/integrations/ats/test_receive.py tests/integrations/ats/test_order.py

# Small changes of the code, each of which a test must notice: docs/testing.md. MUTANTS=0 tries all; AREA=services: sending, storage, sign-in.
mutants: setup
	@$(PYTHON) -m tests.mutants --area $(AREA) --mutants $(MUTANTS)

# After a change of the API that is meant: docs/openapi.json as the code now says it.
openapi: setup
	@$(PYTHON) -m infra.openapi

# After a change of what candidates read: the .po files with the messages of the source, and the .mo files compiled from them.
catalogues: setup
	@$(PYTHON) -m infra.catalogues

# The document by Redocly's recommended-strict and by Spectral's rules for OpenAPI (openapi-spec-validator is among the tests).
lint-openapi: setup
	@python3 infra/setup.py redocly spectral
	@PATH="$$PATH:$(CURDIR)/.engines/node/bin" REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		.engines/redocly/node_modules/.bin/redocly lint docs/openapi.json --max-problems 1000
	@PATH="$$PATH:$(CURDIR)/.engines/node/bin" .engines/spectral/node_modules/.bin/spectral lint docs/openapi.json \
		--ruleset .spectral.yaml --fail-severity hint

fuzz: setup ## Schemathesis against everything on this machine, CASES=20000; prints what each operation answered how often
	@python3 infra/setup.py fuzz
	@$(PYTHON) -m tests.fuzz --cases $(CASES)

# What it costs, beside the limit and the peers (BENCH_PYTHON: an interpreter that has bench/requirements.txt)
bench: setup
	@$(PYTHON) -m bench $(BENCH)

bench-large: setup
	@$(PYTHON) -m bench report --large

screenshots: setup ## docs/screenshots/*.png, made again from the sample employer
	@$(PYTHON) docs/screenshots.py

# Generates the clients of clients/ from docs/openapi.json and does the main job with each.
client: setup
	@python3 infra/setup.py client
	@$(PYTHON) -m infra.client

check: lint types test

# After a change of a requirements*.txt, or of a package.json in infra/npm: every version, with the hashes of its files.
lock: setup
	@python3 infra/setup.py supply
	@$(PYTHON) -m infra.lock

audit: setup ## known vulnerabilities of what the locks name: the advisories of today, or those of infra/advisories.json
	@python3 infra/setup.py supply
	@$(PYTHON) -m infra.audit

sbom: setup ## out/sbom.json: what a deployment carries, as CycloneDX
	@python3 infra/setup.py supply
	@$(PYTHON) -m infra.sbom

# On AWS: docs/operations.md. `make smoke` does it all on this machine.
lint-template: setup
	@python3 infra/setup.py lint
	@$(PYTHON) -m infra.aws.lint

# make deploy STAGE=prod SET="EmailFrom=hello@example.com AlarmEmail=ops@example.com"
deploy: setup
	@$(PYTHON) -m infra.aws.deploy deploy --stage $(STAGE) $(if $(YES),--yes) $(SET)

# Reads the account: what is ready, what is missing, the next command. SET as for deploy.
preflight: setup
	@$(PYTHON) -m infra.aws.preflight --stage $(STAGE) $(SET)

# What the functions logged: make logs STAGE=prod SINCE=60 ONLY=Deliver
logs: setup
	@$(PYTHON) -m infra.aws.logs --stage $(STAGE) --since $(or $(SINCE),15) --only "$(ONLY)"

destroy: setup
	@$(PYTHON) -m infra.aws.deploy destroy --stage $(STAGE)

operator-key: setup
	@$(PYTHON) -m infra.aws.secrets --stage $(STAGE) operator-key

# make rotate-secret STAGE=prod USE=sign (or lock): what the versions before made still counts.
rotate-secret: setup
	@$(PYTHON) -m infra.aws.secrets --stage $(STAGE) rotate $(USE)

# make drop-secret STAGE=prod USE=sign VERSION=1: what that version made counts no more.
drop-secret: setup
	@$(PYTHON) -m infra.aws.secrets --stage $(STAGE) drop $(USE) $(VERSION)

# make release STAGE=prod SENT_UNTIL=2026-11-23T10:00:00Z
release: setup
	@$(PYTHON) -m infra.aws.release --stage $(STAGE) --sent-until $(SENT_UNTIL)

smoke: setup
	@$(PYTHON) -m infra.aws.smoke
