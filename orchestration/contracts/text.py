"""A cursor into parsed YAML that knows where it is, so that every complaint can say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)


class ContractError(ValueError):
    """A contract file says something that cannot be meant; names file, place and remedy."""


class Node:
    """One mapping of a YAML document and its place in the file.

    ``raw`` must be a mapping (None counts as an empty one). Every accessor raises
    ``ContractError`` on a value of the wrong shape.
    """

    def __init__(self, raw: object, where: str) -> None:
        if raw is None:
            raw = {}
        if not isinstance(raw, dict):
            raise ContractError(f"{where}: expected a mapping (key: value), found {type(raw).__name__}")
        self._raw: dict[str, Any] = raw
        label = raw.get("name") or raw.get("id")
        self.where = f"{where}: {label}" if isinstance(label, str) else where

    def __contains__(self, key: str) -> bool:
        return self._raw.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def error(self, message: str) -> ContractError:
        """An error that begins with this place."""
        return ContractError(f"{self.where}: {message}")

    def only(self, *allowed: str) -> None:
        """Refuse keys outside ``allowed``: a misspelt rule must not silently vanish."""
        unknown = [str(k) for k in self._raw if k not in allowed]
        if unknown:
            raise self.error(f"unknown key {', '.join(unknown)}; known are {', '.join(allowed)}")

    def get(self, key: str, default: Any = None) -> Any:
        """The raw value, or ``default`` when the key is absent (an explicit null stays None)."""
        return self._raw.get(key, default)

    def need(self, key: str) -> Any:
        """The raw value of a key that must be there."""
        value = self._raw.get(key)
        if value is None:
            raise self.error(f"{key} is missing")
        return value

    def text(self, key: str) -> str | None:
        """A text value, or None."""
        value = self._raw.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(f"{key} is {value!r}; expected text, put it in quotes")
        return value

    def day(self, key: str) -> date | None:
        """A date value (2026-02-01), or None."""
        value = self._raw.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.error(f"{key} is {value!r}; expected a date such as 2026-02-01") from None

    def items(self, key: str) -> list[Any]:
        """A list value, empty when absent."""
        value = self._raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list")
        return value

    def strings(self, key: str) -> list[str]:
        """A list of texts, empty when absent."""
        values = self.items(key)
        wrong = [v for v in values if not isinstance(v, str)]
        if wrong:
            raise self.error(f"{key} holds {wrong[0]!r}; expected text, put it in quotes")
        return values

    def child(self, key: str) -> Node:
        """A nested mapping, empty when absent."""
        return Node(self._raw.get(key), f"{self.where}: {key}")

    def children(self, key: str) -> list[Node]:
        """A list of nested mappings, empty when absent."""
        return [Node(item, f"{self.where}: {key}") for item in self.items(key)]

    def custom(self, *allowed: str) -> Node:
        """The ``customProperties`` list as one mapping."""
        merged: dict[str, Any] = {}
        for item in self.children("customProperties"):
            item.only("property", "value", "description")
            merged[str(item.need("property"))] = item.get("value")
        node = Node(merged, self.where)
        node.only(*allowed)
        return node

    def choice(self, key: str, options: type[E], default: E | None) -> E:
        """One of an enumeration's values; ``default`` None means the key must be there."""
        value = self._raw.get(key)
        if value is None and default is not None:
            return default
        try:
            return options(str(value))
        except ValueError:
            known = ", ".join(o.value for o in options)
            raise self.error(f"{key} is {value!r}; expected one of {known}") from None
