"""The determination: from a question and the record to five axes, with every reason.

It reads provisions and never names: no chip, country or instrument stands in this code. It is
pure: the same entries, question and engine version give the same answer. The rules P1 to P11 and
the reduction rules are quoted where they are applied.

Reading order: ``question``, ``register`` (the record, compiled), ``knowledge`` (P1), ``matching``
(scope), ``standing`` (time and relations), ``requirement``, ``review``, ``authorization``,
``measures``, ``evidence``, ``considered`` (the explanation), ``engine``.
"""
