# make demo: what the build needs, the build, and the main job as it happens.
# make check-demo: that it does what it says, within its time, and leaves nothing.
.PHONY: demo check-demo
demo: deps
	@$(MAKE) --no-print-directory all
	@demo/demo.sh $(OUT)

check-demo: test-deps
	@$(MAKE) --no-print-directory BUILD=release all
	@demo/check.sh build/release
