# Fuzzers: tests/fuzz/NAME_fuzz.cc with its seeds in tests/fuzz/seeds/NAME, what was found and kept in tests/fuzz/corpus.
#   make fuzz TIME=600   by clang's libFuzzer, with AddressSanitizer and UBSan: looks for what is new, in build/fuzz/corpus
#   make fuzz-keep       what covers most of that goes to tests/fuzz/corpus
#   make fuzz-coverage   how many lines of the sources in tests/fuzz/parsers that reaches; below 90 % of one it fails
#   make check-fuzz      seeds, corpus and mutants of both in the build of all other tests (walk.cc): no build of its own

FUZZ_CXX   ?= clang++-19
FUZZ_OUT   := build/fuzz
# libstdc++ 12 uses what it calls deprecated itself.
CLANG_KNOWS := -Wno-deprecated-declarations
FUZZ_FLAGS := $(CLANG_KNOWS) -std=c++23 -I. -pthread -fno-exceptions -O1 $(SYMBOLS) -DFMT_HEADER_ONLY -DTOML_HEADER_ONLY=1 \
              -DTOML_EXCEPTIONS=0 -D_GLIBCXX_ASSERTIONS $(SANITIZERS)
FUZZ_LIBS  := -luv -lssl -lcrypto -lcares -lidn2 -lsodium -lidn -lpsl
TIME       ?= 60

FUZZERS := $(patsubst tests/fuzz/%_fuzz.cc,%,$(wildcard tests/fuzz/*_fuzz.cc))

# Only what a fuzzer reaches is built. An archive gives a fuzzer the objects that it uses and no more.
FUZZ_PARTS := $(shell tests/fuzz/sources $(ROOMS))

$(FUZZ_OUT)/%.o: %.cc | test-deps
	@mkdir -p $(@D)
	@echo "  CLANG $<"
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(FUZZ_OUT)/rooms.a: $(FUZZ_PARTS:%.cc=$(FUZZ_OUT)/%.o)
	@rm -f $@
	@ar rcs $@ $^

$(FUZZ_OUT)/%-fuzz: $(FUZZ_OUT)/tests/fuzz/%_fuzz.o $(FUZZ_OUT)/rooms.a
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS)

-include $(shell find $(FUZZ_OUT) -name '*.d' 2>/dev/null)

.PHONY: fuzzers fuzz fuzz-keep walkers run-walk fuzz-coverage check-fuzz check-fuzz-long
fuzzers: $(FUZZERS:%=$(FUZZ_OUT)/%-fuzz)

fuzz: fuzzers
	@tests/fuzz/run --time $(TIME) --self-test --build $(FUZZ_OUT) $(FUZZERS)

fuzz-keep: fuzzers
	@tests/fuzz/keep --build $(FUZZ_OUT) $(FUZZERS)

# ---- The walk, in the sanitized build --------------------------------------------------------------

WALK_OUT := $(OUT)/tests/fuzz
MUTANTS  ?= 8000
$(WALK_OUT)/%.o: CXXFLAGS += $(TEST_MODE)

$(WALK_OUT)/%-walk: $(WALK_OUT)/%_fuzz.o $(WALK_OUT)/walk.o $(foreach r,$(ROOMS),$(call archive,$(r)))
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(FUZZ_LIBS)

$(WALK_OUT)/overreach-walk: $(WALK_OUT)/overreach.o $(WALK_OUT)/walk.o
	@$(CXX) $(LDFLAGS) -o $@ $^

walkers: $(FUZZERS:%=$(WALK_OUT)/%-walk) $(WALK_OUT)/overreach-walk
run-walk: walkers
	@tests/fuzz/run --walk $(MUTANTS) --self-test --build $(WALK_OUT) $(FUZZERS)

# How much of the parsers the walks reach; gcov reads what they left.
fuzz-coverage: test-deps
	@find build/coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory BUILD=sanitize OUT=build/coverage EXTRA_CXXFLAGS=--coverage EXTRA_LDFLAGS=--coverage run-walk
	@tests/fuzz/coverage --build build/coverage

# Some seconds for each fuzzer; `make fuzz` has no end that is the right one.
check-fuzz-long:
	@$(MAKE) --no-print-directory fuzz TIME=20

check-fuzz: test-deps
	@$(MAKE) --no-print-directory BUILD=sanitize run-walk
