"""The determination: from a question and the record to five axes, with every reason.

It reads provisions and never names: no chip, country or instrument stands in this code. It is
pure: the same entries, question and engine version give the same answer. The rules P1 to P11 and
the reduction rules are quoted where they are applied.

Reading order: ``question``, ``register`` (the record, arranged), ``knowledge`` and ``cut`` (P1),
``situation``, ``matching`` (scope), ``standing``, ``amendment`` and ``chronicle`` (time and
relations), ``requirement``, ``review``, ``authorization``, ``measures``, ``evidence``,
``considered`` (the explanation), ``engine``; ``likeness`` says which questions have one answer.
"""
