"""The line between a café and HQ: both ends live together, on one wire format (ZJP/1)."""
