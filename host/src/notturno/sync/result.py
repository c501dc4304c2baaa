"""What one sync brought from one band. Touches nothing."""

from dataclasses import dataclass, field


@dataclass
class Result:
    """What one sync brought from one band. `nights`: keys of the nights that got new records.

    failed: why it did not come to its end, None where it did.
    """

    device: str = ""
    name: str = ""
    new_records: int = 0
    new_events: int = 0
    total_records: int = 0
    committed_seq: int = 0
    first_new_seq: int = 0
    nights: list = field(default_factory=list)
    warnings: list = field(default_factory=list)
    failed: str | None = None
