"""One home for the tests of this folder, copied for each that writes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from kept_homes import build_home


@pytest.fixture(scope="session")
def standing_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that nobody writes to."""
    return build_home(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture
def home(standing_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own."""
    return Path(shutil.copytree(standing_home, tmp_path / "home", symlinks=True))
