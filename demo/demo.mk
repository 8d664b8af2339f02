# make demo: what the build needs, the build, and the main job as it happens.
.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory all
	@demo/demo.sh $(OUT)
