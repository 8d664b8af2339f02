# Fuzzers: tests/fuzz/NAME_fuzz.cc, built by clang's libFuzzer with AddressSanitizer and UBSan, each with its seeds in
# tests/fuzz/seeds/NAME. `make fuzz TIME=600` looks longer; what it finds on its way stays in build/fuzz/corpus.
# check-fuzz walks one fixed path from the seeds, so that the same code passes or fails twice alike.

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

$(FUZZ_OUT)/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CLANG $<"
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(FUZZ_OUT)/rooms.a: $(FUZZ_PARTS:%.cc=$(FUZZ_OUT)/%.o)
	@rm -f $@
	@ar rcs $@ $^

$(FUZZ_OUT)/%-fuzz: $(FUZZ_OUT)/tests/fuzz/%_fuzz.o $(FUZZ_OUT)/rooms.a
	@$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(FUZZ_LIBS)

-include $(shell find $(FUZZ_OUT) -name '*.d' 2>/dev/null)

.PHONY: fuzzers fuzz check-fuzz
fuzzers: $(FUZZERS:%=$(FUZZ_OUT)/%-fuzz)

fuzz: fuzzers
	@tests/fuzz/run --time $(TIME) --build $(FUZZ_OUT) $(FUZZ_SEED) $(FUZZERS)

check-fuzz:
	@tests/fuzz/run --self-test --build $(FUZZ_OUT)
	@$(MAKE) --no-print-directory fuzz TIME=3 FUZZ_SEED="--seed 1"
