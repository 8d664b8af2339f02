# The proof: power cuts, kills, faults, forbidden acts and fuzzing, in one report that begins with what was lost.
#   make proof           hours                 make proof SHORT=1    under 20 minutes
#   make proof ONLY="power kills"              these parts alone: the report calls the others not run
# The report is build/proof/report; what each part said stands beside it. tests/README.md says how a part joins.

.PHONY: proof check-hostile
proof: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@tests/proof/run $(if $(SHORT),--short) $(ONLY:%=--only %)

# 2,000 hostile servers, 100,000 recipients, 1 GB, 1,000,000 messages; SHORT=1: less of each.
check-hostile: peers
	@$(MAKE) --no-print-directory BUILD=release all
	@HOSTILE_SHORT=$(SHORT) /usr/bin/python3 tests/system/run.py --long -j 1 --build build/release long_hostile. long_sizes.
