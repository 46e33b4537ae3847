"""What can stand against running Postgres here, as something a person can act on."""


class PostgresProblem(RuntimeError):
    """Postgres cannot run; `code` is stable, the text says what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
