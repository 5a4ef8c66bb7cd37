"""One small sample for the tests of this folder."""

from __future__ import annotations

import pytest
from sample_reading import PLAN, Sample

from orchestration.sample import write_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """All states, two days, nine thousand voters."""
    root = tmp_path_factory.mktemp("sample")
    report = write_sample(PLAN, root / "landing", root / "truth")
    return Sample(root / "landing", root / "truth", report)
