"""The record: what is exported for court, and the bundle that proves it.

    store, log, blobs ─ gather ─► Record ─ transcript ─► pages (typst, PDF/A) ─ sign
                                     │
                                     ├─ tables ─► index.csv, load.dat, load.opt
                                     └─ sealed ─► openings, proofs, checkpoints, stamps ─ bundle ─► BagIt folder, zip, age

Data walks from left to right. `items.py` names what a record holds; everything after `gather.py` works on that alone.
"""
