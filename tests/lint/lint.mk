# Lint: the style of code and manuals. Every script here can show that it sees what it is for (--self-test).
#
#   make lint            all of it; clang-tidy over every file that changed since it last passed
#   make check-lint      the same without clang-tidy, which takes as long as a build: `make check` runs it
#   make format          rewrites the sources as clang-format wants them

.PHONY: lint check-lint format

lint check-lint: export CXXFLAGS = $(COMMON) -w
lint: lint-deps
	@tests/lint/run

check-lint: lint-deps
	@tests/lint/run --fast

format:
	@clang-format-19 -i $(shell git ls-files '*.cc' '*.h')
