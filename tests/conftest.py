"""What every test starts from."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A loaded machine is no reason to fail, and the same tests run on every change; `make fuzz` looks for new examples.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
