"""Words of place, as data."""

from __future__ import annotations

PLACE = {"at": 2, "@": 2, "outside": 3, "inside": 3, "near": 4, "behind": 4, "in": 4, "by": 9, "on": 7}
"""Prepositions before a place -> how well they tell (small is better)."""
DIRECTION = {"from": 5, "to": 6}
ROOMS = frozenset("room rm court field pitch door gate rink bay track hall studio building ward".split())
POSSESSIVE = frozenset("my your ur ya his her their our mine yours hers".split())
LINKS = frozenset("on in of and & by at near behind off st".split())
NO_PLACE = frozenset(
    "least most all first last once time times noon night lunch breakfast dinner bedtime home-time moment min mins fact "
    "case touch need pain bits order full advance writing cash total half general class training practice work same "
    "meantime future past middle end morning afternoon evening day days week weeks month months him it them me us you "
    "u her a an any some every each risk fault phone email mail foot bus train bed sofa protocol person age post bank "
    "himself herself accident".split()
)
STOP = frozenset(
    "is are was were be been has have had will would can could should must may might do does did needs need needed wants "
    "want wanted please pls and but so because cos cuz bc if when which who that while then for with w/ to until till til "
    "by before after since as from or not he she they we i you u it he's she's it's i'll i've i'm just also still now "
    "again gets get got goes go coming going starts start ends finish moved lets let send bring starting instead rather "
    "w dont don't that's its "
    "about around like via re than said says where there's theres no".split()
)
SIGNS_OF_PLACE = frozenset(
    "school house home hospital clinic surgery office park pool gym hall church library station airport field pitch court "
    "rink centre center street road avenue lane drive place building lobby door gate car boot trunk bag backpack drawer "
    "cupboard closet locker kitchen garage shed fridge porch driveway lot carpark mall store shop cafe restaurant "
    "mcdonald's starbucks walmart target tesco aldi costco apartment flat condo room ward floor studio academy club "
    "stadium arena ground grounds oval theatre theater cinema museum zoo beach lake camp hotel camping nursery daycare "
    "kindy preschool mum's mom's mums moms dad's dads nan's gran's grandma's sister's brother's aunt's yours mine mosque "
    "temple synagogue chapel cathedral courthouse er a&e dentist orthodontist doctor gp vet pharmacy chemist boots "
    "walgreens cvs pocket pouch folder box zoom teams exit entrance reception front desk parking petrol gas bp shell "
    "playground cafeteria auditorium stage track rec leisure sports village town city terminal platform bus".split()
)
