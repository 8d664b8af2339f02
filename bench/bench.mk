# bench: the measurements against tuned Postfix and against a bare skeleton. See bench/README.md.
#
#   make bench                               all workloads, three rounds (as root)
#   make bench WORKLOADS="W1 W2" ROUNDS=1    some of them
#   make bench DISK=/dev/shm                 with the disk image in memory: syncs cost CPU time and no waiting
#   make bench-spf                           SPF evaluations a second, beside python3-spf and libspf2
#   make bench-programs                      only the programs that it needs

# Apart from their objects: the sink's lie in a folder that is named sink too.
BENCH := $(OUT)/bench/bin

BENCH_STATIC := skeleton/skeleton-sendmail skeleton/skeleton-queue tools/load tools/logger
BENCH_PROGRAMS := $(addprefix $(BENCH)/,$(notdir $(BENCH_STATIC)) sink)

# The skeleton is linked as waypost-inject and waypost-queue are; load runs inside the peers' root.
define bench_program
$(BENCH)/$(notdir $(1)): $(OUT)/bench/$(1).o
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(CXX) $$(filter-out -pie -static-lib%,$$(LDFLAGS)) $$(STATIC) -o $$@ $$^
endef
$(foreach p,$(BENCH_STATIC),$(eval $(call bench_program,$(p))))

$(BENCH)/sink: $(call objects,$(wildcard bench/sink/*.cc)) $(call archive,lib/sys)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CXX) $(LDFLAGS) -o $@ $^ -lssl -lcrypto

bench-programs: $(BENCH_PROGRAMS)

ROUNDS    ?= 3
WORKLOADS ?=
DISK      ?=

bench: all bench-programs bench-deps
	@/usr/bin/python3 bench/run.py --programs $(OUT) --rounds $(ROUNDS) $(if $(DISK),--disk $(DISK)) $(WORKLOADS)
	@$(if $(WORKLOADS),true,$(MAKE) --no-print-directory bench-spf)

bench-spf: bench-deps zone-check
	@/usr/bin/python3 bench/spf_rate.py --programs $(OUT) --rounds $(ROUNDS)

.PHONY: bench bench-spf bench-programs
