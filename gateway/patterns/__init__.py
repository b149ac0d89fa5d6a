"""Counts of messages over time, for the pages and for the record: the same functions for both. Pure.

Counts only, and each picture with its table: nothing is judged.
"""
