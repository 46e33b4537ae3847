"""The doctor: what must always be true of the books, looked for as rows that break it."""

from ennichi.doctor.examination import INVARIANTS, Doctor, Finding

__all__ = ["INVARIANTS", "Doctor", "Finding"]
