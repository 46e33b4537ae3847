"""Ennichi: live commerce that anyone can run. See docs/architecture.md for the parts."""

__version__ = "0.1.0"
