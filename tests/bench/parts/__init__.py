"""The parts of bench.py: each has a title, and prints its figures with table.py."""
