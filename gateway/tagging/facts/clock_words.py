"""Words that make a bare figure a time, as data."""

from __future__ import annotations

LOOSE = frozenset("about around abt round roughly approx approximately like say exactly just maybe probably ~".split())
CALLS = frozenset(
    "at @ by before b4 after till until til untill 'til from frm since around about abt round circa between til' las "
    "towards bout fae frae nearer confirm while arond aroun bfr".split()
)
STARTS = frozenset(
    "start starts started starting lvs begin begins began end ends ended finish finishes finished open opens opened close "
    "closes leave leaves left leaving depart departs arrive arrives kickoff kicks pickup pu collection collect due ko "
    "dropoff handover exchange lands landing departing arriving doors curtain whistle bell out shuts come".split()
)
MOVES = frozenset(
    "moved changed pushed shifted bumped back reset switched rescheduled delayed move push change shift make bring "
    "brought reset set it's its".split()
)
FOR = frozenset("back home ready there here booked set down him her them up due collection pickup in ok okay".split())
GOOD_AFTER = frozenset("sharp please pls works ok okay latest tops tho though instead".split())
EVENTS_AFTER = frozenset(
    "pickup pick pu drop dropoff start kick kickoff tip bus flight train ferry appointment appt slot session mass "
    "service showing game class lesson handover collection exchange works train curtain bell feed".split()
)
EVENTS_BEFORE = frozenset(
    "pickup pick pu drop dropoff start starts practice training game match handover exchange collection kickoff exam "
    "lesson session appointment appt concert recital that day time tea dinner party it now trainings gala meeting tournament "
    "show call bedtime lunch drop-off dropoff checkup tea race r".split()
)
BOTH = frozenset({1, 2})
SPACED_TOPICS = frozenset({"schedule", "contact", "travel"})
RANGE_TOPICS = frozenset("childcare schedule activity school contact travel medical".split())
ARRIVAL_TOPICS = frozenset("schedule contact activity school childcare travel".split())
THERE = frozenset("there here home back bk bak ther thr".split())
"""Words after which a bare hour says when somebody arrives (``there 9``)."""
BEING = frozenset(
    "be drop dropping bring bringing collect collecting get getting back home ready meet out come pick there have having door".split()
)
"""Words that make ``for six`` an hour at which somebody is somewhere."""
COUNTED_FOR = frozenset(
    "table tickets ticket tix food enough room booked seats dinner lunch places snacks party supper".split()
)
"""Words that make ``for six`` a number of people."""
GOOD = frozenset("good fine ok okay sweet great perfect better grand easier best".split())
OBJECTS = frozenset("him her them em u you up me kids it back bak".split())
HANDING = frozenset(
    "come ring call drop bring pick picking collect get fetch take have dropping bringing collecting calling ringing".split()
)
CALLING = frozenset("call ring calls rings come coming up get be there her him them u you facetime back".split())
