"""YAML whose every value knows its line, so that a complaint can name it.

Belongs here: reading a file into marked values and asking for them by shape. Does not belong here: what the file means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class UniversesError(ValueError):
    """`universes.yaml` says something that cannot be meant; names file, line, key, what was found and the remedy."""


@dataclass(frozen=True)
class Marked:
    """One value of a YAML file: ``value`` is a scalar, a list of ``Marked`` or a dict of ``Marked``."""

    value: Any
    file: str
    line: int
    key: str

    def error(self, message: str) -> UniversesError:
        """An error that begins with file, line and key."""
        return UniversesError(f"{self.file}, line {self.line}, {self.key}: {message}")

    def mapping(self, *allowed: str) -> dict[str, Marked]:
        """The value as a mapping whose keys are all ``allowed`` (any key when none is given)."""
        if not isinstance(self.value, dict):
            raise self.error(f"expected a mapping (key: value), found {_kind(self.value)}")
        if allowed:
            for key, item in self.value.items():
                if key not in allowed:
                    raise item.error(f"unknown key {key!r}; known are {', '.join(allowed)}")
        return self.value

    def items(self) -> list[Marked]:
        """The value as a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            raise self.error(f"expected a list with at least one entry, found {_kind(self.value)}")
        return self.value

    def need(self, key: str) -> Marked:
        """The value of a key that must be there."""
        found = self.mapping().get(key)
        if found is None or found.value is None:
            raise self.error(f"{key} is missing")
        return found

    def get(self, key: str) -> Marked | None:
        """The value of a key, or None when it is absent."""
        found: Marked | None = self.mapping().get(key)
        return found

    def text(self) -> str:
        """The value as text that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error(f"expected a text, found {_kind(self.value)}")
        return self.value

    def one_of(self, allowed: tuple[str, ...]) -> str:
        """The value as one of a list of words."""
        said = self.text()
        if said not in allowed:
            raise self.error(f"{said!r} is not known; expected one of {', '.join(allowed)}")
        return said


def read_marked(path: Path) -> Marked:
    """The whole file as one marked value. Raises ``UniversesError`` when it is missing or no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UniversesError(f"{path}: no such file; it says who is approached and for what") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise UniversesError(f"{path}: not valid YAML: {error}") from None
    if node is None:
        raise UniversesError(f"{path}: the file is empty")
    return _marked(node, path.name, "universes.yaml")


def _marked(node: yaml.Node, file: str, key: str) -> Marked:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Marked] = {}
        for name, item in node.value:
            said = str(name.value)
            marked = _marked(item, file, said)
            if said in found:
                raise UniversesError(f"{file}, line {name.start_mark.line + 1}, {said}: the key stands here twice")
            # The key's own line: a value may begin on the next one.
            found[said] = Marked(marked.value, file, name.start_mark.line + 1, said)
        return Marked(found, file, line, key)
    if isinstance(node, yaml.SequenceNode):
        return Marked([_marked(item, file, key) for item in node.value], file, line, key)
    return Marked(yaml.SafeLoader("").construct_object(node), file, line, key)


def walk(value: Marked) -> Iterator[Marked]:
    """The value and everything below it."""
    yield value
    below = value.value.values() if isinstance(value.value, dict) else value.value
    if isinstance(value.value, (dict, list)):
        for item in below:
            yield from walk(item)


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "yes or no", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
