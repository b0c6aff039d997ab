"""A value that nobody is to see, and what takes such values out of texts. Knows no vault."""

from __future__ import annotations

from dataclasses import dataclass, field

MASK = "••••••"
SHORTEST = 3  # a shorter value would take letters out of ordinary words


class Secret:
    """Shows itself as dots wherever it is printed, logged or formatted; `reveal` is for typing it into a field."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("secret", self._value))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not to be stored or sent")


@dataclass
class Masker:
    """Takes every secret that it was told of out of a text."""

    _values: list[str] = field(default_factory=list, repr=False)

    def add(self, secret: Secret) -> None:
        value = secret.reveal()
        if len(value) >= SHORTEST and value not in self._values:
            self._values.append(value)
            self._values.sort(key=len, reverse=True)  # one may be part of another

    def masked(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, MASK)
        return text

    def masked_bytes(self, data: bytes) -> bytes:
        for value in self._values:
            data = data.replace(value.encode(), MASK.encode())
        return data
