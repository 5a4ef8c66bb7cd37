"""Read contract files into typed objects.

Belongs here: finding the YAML files, reading them fast, naming the file at fault.
Does not belong here: the mapping of the standard's fields onto our objects (``odcs``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

from orchestration.contracts.model import Contract
from orchestration.contracts.odcs import ContractError, contract_from

ROOT = Path(__file__).resolve().parents[2] / "data_contracts"

# libyaml is some ten times as fast; PyYAML built without it still reads the same files.
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_cache: dict[tuple[str, int, int], Contract] = {}


def load_contract(path: Path) -> Contract:
    """The contract in one YAML file.

    Raises ``ContractError`` naming file, place, what was found and what to write instead.
    """
    stat = path.stat()
    key = (str(path), stat.st_mtime_ns, stat.st_size)
    if key not in _cache:
        text = path.read_bytes()
        try:
            raw = yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)
        except yaml.YAMLError as error:
            raise ContractError(f"{path}: not valid YAML: {error}") from None
        digest = hashlib.sha256(text).hexdigest()
        _cache[key] = contract_from(raw, path=str(path), digest=digest)
    return _cache[key]


def load_contracts(root: Path = ROOT) -> Mapping[str, Contract]:
    """All contracts under ``root`` by id, in order of domain and file name.

    Raises ``ContractError`` when two files claim the same id or two contracts the same table.
    """
    contracts: dict[str, Contract] = {}
    tables: dict[str, str] = {}
    for path in sorted(root.rglob("*.odcs.yaml")):
        contract = load_contract(path)
        if contract.id in contracts:
            raise ContractError(
                f"{path}: id {contract.id!r} is already taken by {contracts[contract.id].path}; ids are unique"
            )
        for table in contract.tables:
            if table.name in tables:
                raise ContractError(
                    f"{path}: table {table.name!r} is already declared by {tables[table.name]}; "
                    "a table belongs to one contract"
                )
            tables[table.name] = str(path)
        contracts[contract.id] = contract
    return MappingProxyType(contracts)


def validate_standard(path: Path) -> None:
    """Check a file against the published Open Data Contract Standard objects.

    Slower than reading (it imports pydantic), so done by tests and by ``write_derived``, not at
    start-up. Raises ``ContractError`` with the standard's own complaint.
    """
    from open_data_contract_standard.model import OpenDataContractStandard
    from pydantic import ValidationError

    raw = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506  (a safe loader)
    try:
        OpenDataContractStandard.model_validate(raw)
    except ValidationError as error:
        raise ContractError(f"{path}: not a valid ODCS v3.1 contract: {error}") from None
