"""Settings that all tests share."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A shared, noisy machine makes single examples slow: no test of ours is about time. The examples
# are the same in every run, so that what passes here passes anywhere; more and other ones are drawn
# by ``pytest --hypothesis-profile search``.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("house", _PATIENT, max_examples=50, derandomize=True)
settings.register_profile("search", _PATIENT, max_examples=1_000)
settings.load_profile("house")

# A shell that runs the suite in the background has its jobs ignore interrupts, and so would every
# process that a test starts in order to interrupt it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
