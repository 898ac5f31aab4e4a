"""Property tests here have no deadline: how busy the machine is proves nothing.

Under mutation testing they try the same values each time, so that a score can be repeated.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("patient", deadline=None, derandomize="MUTANT_UNDER_TEST" in os.environ)
settings.load_profile("patient")
