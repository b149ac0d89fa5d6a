"""Alarms from the first word to the answer: raised with their card, repeated until somebody answers, gone round a dead route,
tested now and then. What is said to whom, and when again, is decided in `gateway.delivery` (`alarms`, `escalation`); nobody is ever
called, and nothing goes to the other parent.
"""
