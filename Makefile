# waypost: the whole build, in one file that does not recurse.
#
#   make                 release build, in build/release/
#   make demo            install what the build needs, build, and show the main job
#   make check           everything below that a change must pass
#   make proof           hours; with SHORT=1 under 20 minutes: power cuts, kills, faults, in one report
#   make help            every target with one line
#
# Time budget of `make check` on 2 cores, under 20 minutes in all. The sanitized build is made beside the parts before it,
# which wait more than they compute. Minutes, 17.5 in all, as measured on a machine with nothing else to do; what is bound is
# the compiler:
#   release build, demo         4.5       unit tests, the rest of their build   5
#   system tests, release       4.5       parsers and their mutants             1
#   kills, steps                1.5       system tests, sanitized               1
#   power cuts, short           0.5       deps, peers, once they are there      0
# What does not fit: clang-tidy is in `make lint`; the long forms are in `make check-long`, `make check-system-long` among
# them: the Debian package in Postfix's place, the programs that send mail by it, and the supervisors. Most of the power cuts
# and of the kills are in `make proof`.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# ---- What is built how ---------------------------------------------------------------------

BUILD  ?= release
OUT    := build/$(BUILD)
CXX    ?= g++
ifeq ($(origin CXX),default)
CXX    := g++
endif

# Lines for back traces, and a third of the compile time less than with all of -g, which gdb wants.
SYMBOLS ?= -g1

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Werror=switch
COMMON   := -std=c++23 -I. -pthread -fno-exceptions -fstack-protector-strong $(SYMBOLS) $(WARNINGS) \
            -DFMT_HEADER_ONLY -DTOML_HEADER_ONLY=1 -DTOML_EXCEPTIONS=0
# Left out is what AddressSanitizer sees in the end or x86 allows: those checks take a quarter of the compiler's time.
SANITIZERS := -fsanitize=address,undefined -fno-sanitize=null,alignment,vptr,object-size -fno-sanitize-recover=all
ifeq ($(BUILD),sanitize)
# Not optimised, which would take a third more of the compiler's time.
MODE     := -O0 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS $(SANITIZERS)
STATIC   :=
else
MODE     := -O2 -D_GLIBCXX_ASSERTIONS -D_FORTIFY_SOURCE=2 -fPIE
# libstdc++ is linked in: a long-running program shares libc with the machine, and nothing else is worth its relocations.
LINKMODE := -pie -static-libstdc++ -static-libgcc -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections
MODE     += -ffunction-sections -fdata-sections
STATIC   := -static-pie
endif
CXXFLAGS := $(COMMON) $(MODE) $(EXTRA_CXXFLAGS)
LDFLAGS  := $(MODE) -pthread $(LINKMODE) $(EXTRA_LDFLAGS)

# ---- Rooms: every folder here is one archive of its *.cc files but the mains -----------------

ROOMS := lib/sys lib/mail lib/net \
         queue/accept queue/inject queue/spool queue/manager queue/bounce queue/commands \
         route deliver local sasl socks spfcheck dkim smtpd submit start demo

archive     = $(OUT)/$(subst /,-,$(1)).a
room_source = $(filter-out $(1)/waypost-%.cc $(1)/waypost.cc,$(wildcard $(1)/*.cc))
objects     = $(patsubst %.cc,$(OUT)/%.o,$(1))

define room
$(call archive,$(1)): $(call objects,$(call room_source,$(1)))
endef
$(foreach r,$(ROOMS),$(eval $(call room,$(r))))

$(OUT)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(OUT)/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	@$(CXX) $(CXXFLAGS) -MMD -MP -c $< -o $@

# ---- Programs: one line each. The privilege review is reading this list. ----------------------
# $(call program,MAIN without .cc,static|dynamic,archives in link order,libraries)

PROGRAMS :=
define program
PROGRAMS += $(OUT)/$(notdir $(1))
$(OUT)/$(notdir $(1)): $(OUT)/$(1).o $(foreach r,$(3),$(call archive,$(r)))
	@echo "  LINK  $$@"
	@$(CXX) $(if $(filter static,$(2)),$(filter-out -pie -static-lib%,$(LDFLAGS)) $(STATIC),$(LDFLAGS)) -o $$@ $$^ $(4)
endef

include programs.mk install.mk
-include deps.mk $(wildcard */*.mk tests/*/*.mk)

all: $(PROGRAMS) $(PROGRAM_LINKS)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

# ---- Every target with one line ----------------------------------------------------------------

define HELP
  make                     release build, in build/release/; BUILD=sanitize: with sanitizers
  make demo                install what the build needs, build, and show the main job
  make check               everything that a change must pass
  make check-long          before a release, an hour: hundreds of kills, of steps and of power cuts
  make proof               hours: nothing lost, nobody in; SHORT=1: under 20 minutes; the report is build/proof/report
  make check-unit          unit tests;  check-system: against real servers;  check-rules: strata, awaits, sizes
  make check-spf-suite     the suite of RFC 7208;  check-spf-peer: made-up records, and python3-spf beside us
  make check-fuzz          every parser against seeds, corpus and mutants;  fuzz: by libFuzzer, TIME=60 seconds each;
                           fuzz-coverage: of each parser 90 % of the lines
  make check-valgrind      unit tests of most rooms under memcheck
  make lint, format        clang-tidy, clang-format and manuals;  put the format right
  make bench               against a tuned Postfix in the same run
  make install             programs, manuals, examples below PREFIX, DESTDIR
  make uninstall           takes them away again; queue, users and configuration stay
  make install-system      as root: users, groups, modes, folders of this machine
  make deb                 a Debian package that takes the place of Postfix, Exim, ..., in build/deb/
  make deps                Debian packages of the build;  test-deps, lint-deps, bench-deps: of tests, lint, bench
  make peers               the private Debian root with the servers of the tests
endef
export HELP
.PHONY: help
help:
	@echo "$$HELP"
