help run test check coverage bench faults french golden perimeter release audit lock:
	@python3 dev.py $@ $(ARGS)
.PHONY: help run test check coverage bench faults french golden perimeter release audit lock
