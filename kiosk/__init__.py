"""The touchscreen of the café: a shell that mounts the features' screens."""
