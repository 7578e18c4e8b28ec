"""Demonstration data: 36 quarters of modelled staff on real head-counts, sent in and released as real ones would be.

What is real, what is modelled and how near the published figures it comes: `docs/demo-data.md`.
"""

from dashboard.demo.deliver import build, build_small

__all__ = ["build", "build_small"]
