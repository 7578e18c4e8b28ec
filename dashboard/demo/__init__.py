"""Demonstration data: 36 quarters of modelled staff on real head-counts, sent in and released as real ones would be."""
