"""The open dashboard on gender parity in the United Nations system."""

__version__ = "0.1.0"
