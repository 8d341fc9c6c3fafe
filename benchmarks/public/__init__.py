"""Public benchmarks by their own rules, on copies that you have: no set is part of this project or fetched by it.

Each module reads the layout in which its sets are distributed, runs the product on the media, scores by the
rules of the set, and prints a row beside published ones (:mod:`benchmarks.public.published`).
"""
