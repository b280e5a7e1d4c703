"""What goes wrong in a way that the person at the keyboard can mend."""


class FarmError(Exception):
    """Says what is wrong, where, and what to do; shown without a stack trace, exit code 1."""

    def __init__(self, what: str, *remedies: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedies = remedies

    def __str__(self) -> str:
        return "\n".join([self.what, *(f"  {remedy}" for remedy in self.remedies)])
