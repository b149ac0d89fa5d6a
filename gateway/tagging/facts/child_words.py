"""Words that point at children without naming them, as data."""

from __future__ import annotations

HE = frozenset("he him his he's hes he'd he'll himself hed heself".split())
SHE = frozenset("she her hers she's shes she'd she'll herself".split())
GROUP = frozenset(
    "both kids kiddos kiddies children childrens children's boys girls twins siblings bairns weans babies bubs munchkins "
    "three two'uns everyone kids' em 'em twos".split()
)
"""Words that mean all children."""
SOME = frozenset("pair two 2 lot three 3 both".split())
"""Before "of them" these mean all children (``the pair of them``)."""
THEM = frozenset("them they their they'll they're they've theyre theyll".split())
"""Words that mean all children, or things, or the people at school."""
CARRIED = frozenset({"medical", "belongings", "documents", "wellbeing", "school", "activity", "emergency"})
"""Topics that go on about the child of the fact before."""
OWN = frozenset({"legal", "schedule"})
"""Topics that are the grown-ups' own (a hearing, "running late") unless a child is named or pointed at."""
OF_A_CHILD = frozenset(
    "pickup pick pickups collect collecting collection dropoff drop swap swapping school nursery daycare creche class camp "
    "bus kid kid's child child's son daughter baby bub boy girl little lad lass dates them 'em em they you've".split()
)
"""Words in a passage of the grown-ups' own that make it about an only child."""
NOT_FROM_THREAD = frozenset({"legal", "schedule", "travel"})
"""Topics that are about all children whoever was spoken of before the message."""
OVER_A_LINE = frozenset({"medical", "emergency"})
"""Topics that go on about the same child even on the next line."""
BAGS = frozenset("bag bags backpack bookbag rucksack satchel folder case schoolbag".split())
"""What papers are sent in: whose it is does not say whom they are about."""
STAYS_UNCARRIED = frozenset({"schedule", "travel", "legal", "childcare", "contact"})
"""Topics that are about all children unless they say otherwise."""
MANY = frozenset({"legal", "travel", "childcare"})
"""Topics in which "the kids" counts for more than a "she" beside it, who is rather a grown-up."""
SITTERS = frozenset("she he she's he's she'll he'll".split())
"""In a passage about childcare these are rather the sitter than a child."""
TOLD = frozenset("tell ask pay text ring call message telling asking paying".split())
"""In a passage about childcare, "her" after one of these is the sitter."""
SAME_COST = frozenset(
    "it it's its that's thats fee fees deposit payment copay bill cost costs balance invoice price".split()
)
"""A passage about money that begins with one of these goes on about the child of the fact before."""
DEMOTING = frozenset({"with", "in", "to"})
"""A name after one of these is beside the point when another child can be meant (``her cap is in Adam's bag``)."""
COMMON = frozenset(
    "they them then than this that there these those here him her hers his she he you your our my was has had have can will "
    "may might not now nor new how who why what when where bro sis mum mam dad man boy girl kid pet car bag bus cab cot "
    "cat dog day way say pay all any are ask bad bed big bit but buy cut did eat end far few for fun get got hat hot job "
    "key let low mad met mix net nut off old one our out own per pop put ran red run sad sat saw see set sit six sky son "
    "sun tea ten the tie too top toy try two use via war wet win won yes yet min max mad mar jan feb apr jun jul aug "
    "sep oct nov dec mon tue wed thu fri and ant arm art ate bee bin box cap cup dot dry due ear egg era eve fan fat fee "
    "fit fix fly fog gap gas gum gym ham hen hip hit ice ill ink ive jam jaw joy lap law leg lid lie lip lot lip map mat "
    "mum nap nan oak odd oil owe pan pen pie pin pit pot ray rib rid rod row rub rug sea shy sick side sign sing size skin "
    "skip slip slow soap sock soft some song soon sort soup spot star stay stop such suit sure swim take talk tall team "
    "tell term test text than thank they'd thin thing tick tiny tire told tool torn toss tour town trip true turn type "
    "male mate math meal mean meat meet mess mind mine miss mood more most move much must name near neat neck need "
    "nice nine none noon nose note over pack page paid pain pair park part pass past path pick pill pink plan play please "
    "plus poor post pull push rain read real rest rice ride ring rise road roll roof room rule safe sale salt same sand "
    "save seat self sell send shoe shop show shut cold come cook cool copy cost dark date deal dear desk done door down "
    "draw dress drop each earn east easy even ever eyes face fact fair fall farm fast feel feet fell felt file fill find "
    "fine fire firm five food foot form four free from full game gave gift give glad goes gold gone good grey hair half "
    "hall hand hang hard hate head hear heat help hero high hold hole home hope hour hurt idea inch into iron item jump just "
    "keep kind king knee knew know lake land lane last late lead left less life lift like line list live load lock long look "
    "lose loss lost loud love luck lunch many".split()
)
"""Words that no short form of a name may be: a text says them every day."""
LETTERED = frozenset(
    "class room grade block plan vitamin building bldg door gate lot dock entrance platform bay hall section form studio "
    "zone hep hepatitis unit group team set stand terminal row coach carriage exit route vit option part pool pitch "
    "stream house band line".split()
)
"""What a letter after it names, so that it is no child's initial (``building B``)."""
SHORT_IN_S = frozenset(
    "was yes gas bus his has its ads abs ass ins les pus sis mas nos pas tis ems mrs pls res yrs wks".split()
)
"""Words of three letters in -s that are no child's two letters with an s (``tys blazer``)."""
NEVER_NEAR = COMMON | frozenset(
    "june july april march august sunday monday friday maths math market maker make made mine mind main mail milk mile mills miles than then them they their there these "
    "those that this have here heart hello help home hope room roof lunch line life like live lily love late later "
    "noon note none zone done gone come some same game name date data easy each ever even every evening marie marina "
    "kobe nova alas alis tale tall talks milan train tyres tires theme third lists amen aiden".split()
)
"""Words too common to be a misspelt name."""
