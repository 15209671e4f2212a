help run test check bench faults french golden perimeter release lock:
	@python3 dev.py $@ $(ARGS)
.PHONY: help run test check bench faults french golden perimeter release lock
