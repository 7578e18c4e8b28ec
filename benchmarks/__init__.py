"""Measures what a release costs to ask, to serve and to draw. `python -m benchmarks --help` lists the parts."""
