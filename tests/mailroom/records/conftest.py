"""What tests of the records stand on beside the whole mailroom: databases of older versions, a house with its post."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "web"))  # for the house, which has some of everything in it
