"""A signed, provable record of AI-chip export control, and answers drawn from it."""

__version__ = "0.1.0"
