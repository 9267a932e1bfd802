"""The audit: everything that a ledger says, derived again from its entries and compared.

* ``source``      where an audit reads from: ``database``, ``served`` or ``bundlesource``
* ``auditing``    one pass over the entries, in order; what is stateful across streams
* ``lanes``       the streams divided among processes; ``replay`` is what runs in one
* ``spill``       what a long log makes one remember, kept on disk beyond a bound
* ``resuming``    where an interrupted audit goes on, and when it is allowed to
* ``answers``     a given answer, derived again byte for byte
* ``stamps``      time stamps over checkpoints, and what they say of recorded times; ``stamped``
* ``findings`` · ``report`` · ``page``   what does not hold; what was checked; the page to file
* ``bundle`` · ``ziparchive`` · ``exporting``   a log in one file; ``tables`` for data tools

An audit trusts the pin and nothing else. It changes nothing, and a finding does not stop it.
"""
