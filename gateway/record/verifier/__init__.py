"""Checks a bundle with nothing but Python's standard library, and openssl for time stamps.

This folder goes into every bundle as `verify.pyz` (`archive.py` packs it, with dkimpy for signatures of mail), so that
nobody who checks needs Breakwater. So no module here imports any other package of ours but `gateway.ledger.tree` and
`gateway.ledger.leaf`, which need nothing either. What is checked, and how, stands in `docs/bundles.md`.
"""
