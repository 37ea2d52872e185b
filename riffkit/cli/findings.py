"""What the doctor reports: findings, each of a level, with what was seen and how to mend it."""

from dataclasses import dataclass

OK, WARN, FAIL = "OK", "WARN", "FAIL"


@dataclass(frozen=True)
class Finding:
    """One line of the report: its level, what was looked at, what was seen, and how to mend it."""

    level: str
    name: str
    text: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.level:<5}{self.name:<14}{self.text}" + (f"\n{'':19}-> {self.mend}" if self.mend else "")
