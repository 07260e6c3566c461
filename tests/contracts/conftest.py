"""Lets the suites find the modules beside them: what is put to the test, and how each connector is made for it."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
