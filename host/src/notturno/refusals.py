"""A named reason in place of a figure.

I am the one form in which scoring says "no number here": a `Refusal` stands where the figure
would stand, so that nothing downstream can mistake a missing figure for a zero. Pure.
JSON form: `{"refused": "reason text", "code": "short_name"}`, and `template` and `values` where
the reason has values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeIs

TOO_SHORT = "too_short"
TOO_MANY_GAPS = "too_many_gaps"
NOT_WORN = "not_worn"
TOO_FEW_MOVEMENTS = "too_few_movements"
TOO_FEW_INTERVALS = "too_few_intervals"
TOO_FEW_NIGHTS = "too_few_nights"
DIFFERENT_MAKERS = "different_makers"
NO_SPREAD = "no_spread"
NOT_GIVEN = "not_given"
SHARED_NIGHTS = "shared_nights"
CLOCK_UNKNOWN = "clock_unknown"
NO_STAGES = "no_stages"
NO_SLEEP = "no_sleep"
NO_RESPIRATION = "no_respiration"
NO_AROUSALS = "no_arousals"
NO_RECORDING_SPAN = "no_recording_span"
NOT_IN_RULES = "not_in_rules"
NOT_COMPLETE = "not_complete"
EXCLUDED = "excluded"
IMPLAUSIBLE = "implausible"
TOO_LONG = "too_long"
ONE_BAND = "one_band"


@dataclass(frozen=True, init=False)
class Refusal:
    """A figure that is not given. `reason`: one sentence; `code`: a short name for programs.

    template: the English sentence with {names} for `values`, by which it is said in another
    language; without values it is taken as it is. Values are numbers and texts; one whose name
    ends in _said is a sentence or a noun of ours itself. Equal by reason and code.
    """

    reason: str
    code: str
    template: str = field(compare=False, repr=False)
    values: dict = field(compare=False, repr=False)

    def __init__(self, template: str, code: str = "refused", /, **values: object) -> None:
        reason = template.format(**values) if values else template
        plain = {name: _plain(value) for name, value in values.items()}
        own = {"reason": reason, "code": code, "template": template, "values": plain}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        return self.reason

    def __bool__(self) -> bool:
        """A refusal is false, so `figure or text` reads well; a figure of 0 is false too."""
        return False

    def as_json(self) -> dict:
        """Return its JSON form, which `from_json` reads."""
        found: dict = {"refused": self.reason, "code": self.code}
        if self.values:
            found |= {"template": self.template, "values": self.values}
        return found


def _plain(value: Any) -> float | str:
    """Return a value as JSON can carry it and `format` takes it again."""
    if hasattr(value, "item"):  # numpy's
        value = value.item()
    return value if isinstance(value, (int, float, str)) else str(value)


def from_json(value: dict) -> Refusal:
    """Return the Refusal of its JSON form."""
    return Refusal(
        value.get("template", value["refused"]), value["code"], **value.get("values", {})
    )


def is_refusal(value: object) -> TypeIs[Refusal]:
    """Tell a Refusal from a figure; use this and not truth where 0 is a possible figure."""
    return isinstance(value, Refusal)


def to_json(value: Any) -> Any:
    """Replace every Refusal inside dicts, lists and tuples by its JSON form; keep the rest."""
    if isinstance(value, Refusal):
        return value.as_json()
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


def per_h(count: float | Refusal, hours: float | Refusal) -> float | Refusal:
    """Return count / hours, or the first of both that is a Refusal."""
    if isinstance(count, Refusal):
        return count
    if isinstance(hours, Refusal):
        return hours
    if hours <= 0:
        return Refusal("There are no hours to divide by.", TOO_SHORT)
    return count / hours
