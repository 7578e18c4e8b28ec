"""The open dashboard on gender parity in the United Nations system."""
