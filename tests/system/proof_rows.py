"""`rows` of tests/proof, for the long tests that are a part of the proof."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "proof"))

import rows  # noqa: E402,F401
