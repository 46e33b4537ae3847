"""The demo market: throw-away data, ready-made people, a robot seller with real footage and robot viewers."""


class NotEmpty(RuntimeError):
    """The database is in use by somebody: no place for a demo."""
