"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A shared, noisy machine makes single examples slow: no test of ours is about time.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("house")
