help run test check bench faults french golden perimeter lock:
	@python3 dev.py $@ $(ARGS)
.PHONY: help run test check bench faults french golden perimeter lock
