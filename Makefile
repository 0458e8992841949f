# Waymark. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help build demo check bench look fuzz campaign

help: ## Print this help
	@echo "Waymark finds out where every young person is going after school."
	@echo
	@sed -nE 's/^([a-z]+):.*## (.*)$$/  make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo "Start with docs/start-here.md."

build: ## Build the program into .build/waymark
	go build -ldflags "-s -w" -o .build/waymark ./cmd/waymark

demo: ## Invent an authority with invented people, and serve it (ARGS="--seed 7")
	go run ./cmd/waymark demo $(ARGS)

check: ## Check everything: format, vet, tests on both engines and in a browser
	@bash scripts/check.sh $(ARGS)

bench: ## Measure what the project promises about speed and memory (ARGS=work for one of them)
	@bash scripts/bench.sh $(ARGS)

look: ## Compile the style sheet anew (needs Node; the result is committed)
	cd frontend && npm ci --no-audit --no-fund && node build.mjs

fuzz: ## Try every parser on hostile input, 20 seconds each (ARGS=-each=2m for longer)
	@bash scripts/campaign.sh fuzz -each 20s $(ARGS)

campaign: ## Name the long campaigns; make campaign-NAME runs one (ARGS="-n 5" for a short form)
	@go run ./test/campaign

campaign-%:
	@bash scripts/campaign.sh $* $(ARGS)
