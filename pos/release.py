"""What is running: the software's version and the version of its fiscal perimeter (R3)."""

VERSION = "0.1.0"
FISCAL_VERSION = "F0.1"
# Until the fiscal work is done and attested, every screen and slip says so.
DEMONSTRATION = True
