"""Signs that a number counts, names or measures something and is therefore no time and no day. Data only."""

from __future__ import annotations

UNITS = frozenset(
    # spans of time
    "min mins minute minutes m sec secs seconds hr hrs hour hours day days nights week weeks wk wks month months "
    "mo mos year years yr yrs yo fortnights "
    # doses and measures
    "mg ml mls mcg g kg kgs lb lbs oz cm mm km kms mi mile miles metre metres meter meters ft inch inches puff puffs "
    "drop drops tab tabs tablet tablets pill pills dose doses spoon spoons tsp tbsp teaspoon teaspoons cap capful "
    "degrees degree deg c f % percent pct x per times k "
    # money
    "bucks buck quid dollars dollar pounds pound euros euro cents pence p rupees rs usd aud cad gbp eur nzd inr zl zloty "
    "grand pesos rand "
    # things that are counted
    "of kids children boys girls people adults guests tickets pairs pair packs pack bags bag boxes box copies photos "
    "shirts socks books pages goals points runs tries kilos items things sets stitches teeth others bottles of-each "
    "inhalers each bits weekends sessions lessons classes stops blocks floors seats spots "
    "y y/o nil up down left more extra different new spare big small full half-days missed".split()
)
"""What follows a number that counts or measures."""

LABELS = frozenset(
    "questions chapters exercises levels room rm page pages pg grade yr year years class bus route flight field court pitch gate door size sizes age aged "
    "ages bed ward unit apt apartment flat number no nr # level lvl terminal platform building bldg exit highway hwy "
    "interstate form step term chapter seat row lane rink track para paragraph section clause line locker ext code pin "
    "under over ticket ref bay floor lot part box dose pack option vs cabin cell channel plot rule item point "
    "points platform carriage coach key stage phase block portable studio pool shop suite wing homeroom "
    "kindy p g q unit week wk day question verse order invoice reception marathon top temp temperature fever score "
    "scored count only just another last next first other zone car spf scene act aisle peg dorm".split()
)
"""What comes before a number that is a name."""

STREETS = frozenset(
    "street st ave avenue road rd lane ln drive dr blvd boulevard court ct way place pl floor grade grader graders "
    "birthday bday year yr form base place period hour quarter inning time class row week degree cousin "
    "session lesson one team prize set round game test attempt dose shot edition element bell party".split()
)
"""What follows an ordinal that is no day of the month (``6th street``, ``5th birthday``)."""

COUNT_ENDINGS_ALLOWED = frozenset(
    "as is this us bcos coz cos bcs yes his its hers ours yours theirs was has tues thurs weds gets goes needs wants does works starts "
    "finishes plus always sometimes perhaps unless besides across bus lets pls thats cos "
    "tonight's today's tomorrow's todays tomorrows "
    "stays leaves comes goes opens closes ends begins kicks takes sounds looks suits means makes runs finishes calls "
    "sports lessons tennis gymnastics classes mass doors gates stands suits opens".split()
)
"""Words in -s after a bare hour that do not make it a count."""
