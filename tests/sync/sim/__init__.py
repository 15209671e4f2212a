"""A deterministic simulator: one seed is one run of real boxes, a real HQ and a bad world between them.

`python -m tests.sync.sim SEED` tells a run step by step; `python -m tests.sync.sim --minutes N` plays as many
seeds as fit. Nothing of the product is replaced: boxes are real stores on real files, HQ is its real desk.
Chance (nonces, codes, challenges) comes from the seed, so that a failing seed fails again.
"""
