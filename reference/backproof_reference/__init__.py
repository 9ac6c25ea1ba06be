"""Reference solutions of deep-learning homework, one module per topic.

A topic's solutions live in ``backproof_reference.<topic>``, the derivations that justify them in
``backproof_reference.derivations.<topic>``.
"""
