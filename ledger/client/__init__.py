"""The verifying client: nothing is trusted because the server said it.

Reading order: ``connection`` (the channel), ``failures`` (how a refusal comes back), ``pins`` and
``heads`` (what is trusted, and what was already seen), ``trust`` (how a checkpoint is accepted),
``calls``, ``answers`` and ``client`` (the rpcs, and what must hold of each reply), ``comparing``
(many statuses at once), ``signer`` and ``authoring`` (statements and signatures), ``rows``,
``settling`` and ``importer`` (record files on their way in), ``receiptfiles``, and ``audit`` (the
whole log, recomputed).
"""
