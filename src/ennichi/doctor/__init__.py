"""The doctor: what must always be true of the books, looked for as rows that break it."""

from ennichi.doctor.examination import Finding, examine

__all__ = ["Finding", "examine"]
