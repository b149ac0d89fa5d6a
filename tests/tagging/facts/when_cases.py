"""What phrases mean, as data: a phrase with a bar before the date that it gives, for three families.

``-`` stands for no date. A topic other than schedule is written before the phrase in brackets.
"""

US = """
[medical] her new lenses are -2.75 both eyes | -
[medical] the syrup is 4 ml at bedtime, down from 6 | -
[medical] his fever woke him, up from 5 | 2026-11-24T05:00
[travel] we sleep at 6 Alder Road, the landline works | -
[school] the office moved to 715 maple street, starts monday | 2026-11-30
meet me at 6 outside the shop on Alder Road | 2026-11-25T18:00
[activity] he is the shepherd in scene 3, Friday at 6.30 | 2026-11-27T18:30
[activity] noah got a swim gala sat 9 at the lido | 2026-11-28T09:00
[wellbeing] he rode without stabilisers on Saturday | 2026-11-21
[school] he got a B in spelling, the teacher is doin a retest thurs | 2026-11-26
I've been given a slot at the notary on Friday at 3 | 2026-11-27T15:00
[medical] he has been given antibiotics on Sunday | 2026-11-22
pickup Friday | 2026-11-27
pickup friday at 5 | 2026-11-27T17:00
pickup Fri 5pm | 2026-11-27T17:00
pick up thurs 345 | 2026-11-26T15:45
thurs at 345 at the gym | 2026-11-26T15:45
I can get her at 330 tmrw | 2026-11-25T15:30
be there tomorrow at 8am | 2026-11-25T08:00
drop off tomorrow before 9 | 2026-11-25T09:00
before 9 tomorrow please | 2026-11-25T09:00
can you take him tonight | 2026-11-24
call him tonight at 8 | 2026-11-24T20:00
call her at 8 tonight | 2026-11-24T20:00
8 tonight works for the call | 2026-11-24T20:00
2nite at 9 he will call | 2026-11-24T21:00
pickup 2moro at 3 | 2026-11-25T15:00
tommorow at 4 at the rec center | 2026-11-25T16:00
thrusday at noon | 2026-11-26T12:00
wensday at 5 | 2026-11-25T17:00
Satruday 10am | 2026-11-28T10:00
day after tomorrow at 2 | 2026-11-26T14:00
the day after tomorrow | 2026-11-26
day before yesterday he was off school | 2026-11-22
she stayed home yesterday | 2026-11-23
he threw up last night | 2026-11-23
this morning he had a fever | 2026-11-24
[medical] gave motrin at 4 | 2026-11-24T16:00
[medical] gave her tylenol at 6:30 | 2026-11-24T18:30
[medical] gave him benadryl 5ml at 8 | 2026-11-24T08:00
[medical] Tylenol 5 ml at 2, next one not before 8 | 2026-11-24T14:00
[medical] his fever was 102.4 at noon | 2026-11-24T12:00
[medical] temp 101.2 at 6 | 2026-11-24T18:00
next Friday at 6 | 2026-12-04T18:00
next Thursday, 12/3, at 8:40am | 2026-12-03T08:40
this Friday at 6 | 2026-11-27T18:00
this coming Saturday | 2026-11-28
last Friday he forgot it | 2026-11-20
a week from Friday | 2026-12-04
two weeks from Saturday | 2026-12-12
in two weeks | 2026-12-08
in 3 days | 2026-11-27
in a week | 2026-12-01
it was 3 days ago | 2026-11-21
a week ago she lost it | 2026-11-17
a week from tomorrow | 2026-12-02
the 3rd | 2026-12-03
by the 12th | 2026-12-12
on the 30th at 9am | 2026-11-30T09:00
I need it by the 1st | 2026-12-01
12/4 at 5 | 2026-12-04T17:00
Sat 12/5 at 10 | 2026-12-05T10:00
Friday 12/4 | 2026-12-04
1/15 at 3:30 | 2027-01-15T15:30
12/4/26 | 2026-12-04
12/04/2026 at 4pm | 2026-12-04T16:00
2026-12-04 at 16:00 | 2026-12-04T16:00
Dec 4 | 2026-12-04
Dec. 4 at 4:15 | 2026-12-04T16:15
December 4th at 4:15 pm | 2026-12-04T16:15
4 Dec | 2026-12-04
4th of December | 2026-12-04
Jan 4 | 2027-01-04
January 4, 2027 | 2027-01-04
Dec 4-6 | 2026-12-04
Dec 4 thru 6 | 2026-12-04
Dec 18 thru the 21st | 2026-12-18
the 4th thru the 6th of December | 2026-12-04
Dec 4 or 11 | 2026-12-04
Nov 30 and Dec 1 | 2026-11-30
this weekend | 2026-11-28
next weekend | 2026-12-05
the weekend of Dec 5 | 2026-12-05
last weekend he was sick | 2026-11-21
the week of December 14 | 2026-12-14
noon Friday | 2026-11-27T12:00
Friday noon | 2026-11-27T12:00
Saturday at midnight | 2026-11-28T00:00
Friday 5-7 | 2026-11-27T17:00
Friday 5 to 7 pm | 2026-11-27T17:00
Saturday, 1-3 at Skate Zone | 2026-11-28T13:00
Sat 10-12 at the gym | 2026-11-28T10:00
Sat 9-1pm | 2026-11-28T09:00
Thursday 6:20 to 6:40 pm on Zoom | 2026-11-26T18:20
Thursday quarter past 4 | 2026-11-26T16:15
Thursday at quarter to 5 | 2026-11-26T16:45
Thursday at half past three | 2026-11-26T15:30
Thursday at ten to 5 | 2026-11-26T16:50
Thursday at twenty past 4 | 2026-11-26T16:20
Thursday at five thirty | 2026-11-26T17:30
Thursday at six | 2026-11-26T18:00
Thursday 5ish | 2026-11-26T17:00
Thursday at 5 o'clock | 2026-11-26T17:00
Thursday at 5 oclock | 2026-11-26T17:00
Thursday 3:15pm sharp | 2026-11-26T15:15
Thursday at 4p | 2026-11-26T16:00
Thursday at 8:20 a.m. | 2026-11-26T08:20
the 3 oclock pickup on Thursday | 2026-11-26T15:00
at 4 on Sunday | 2026-11-29T16:00
from 4 pm Saturday | 2026-11-28T16:00
from Friday at 5 to Sunday at 6 | 2026-11-27T17:00
Friday at 5 thru Sunday at 7 | 2026-11-27T17:00
Sunday until 5pm | 2026-11-29T17:00
until 5pm on Sunday | 2026-11-29T17:00
he fell asleep at 8 last night | 2026-11-23T20:00
back by 9 pm tonight | 2026-11-24T21:00
Friday morning | 2026-11-27
Friday morning at 7 | 2026-11-27T07:00
Friday night at 7 | 2026-11-27T19:00
tomorrow night | 2026-11-25
tomorrow afternoon at 2 | 2026-11-25T14:00
7 in the morning on Friday | 2026-11-27T07:00
Friday at 9 in the evening | 2026-11-27T21:00
Thanksgiving | 2026-11-26
Thanksgiving at 2 | 2026-11-26T14:00
Christmas Eve at noon | 2026-12-24T12:00
xmas eve exchange at 4 | 2026-12-24T16:00
Christmas Day from 10 am | 2026-12-25T10:00
New Year's Eve | 2026-12-31
New Year's Day at 11 am | 2027-01-01T11:00
nye until 5 | 2026-12-31T17:00
Good Friday | 2027-03-26
Easter Sunday at 3 PM | 2027-03-28T15:00
Mother's Day | 2027-05-09
Father's Day | 2027-06-20
Memorial Day | 2027-05-31
Labor Day | 2027-09-06
4th of July | 2027-07-04
MLK day | 2027-01-18
Halloween | 2027-10-31
every other Friday | -
every Tuesday at 5 | -
Tuesdays at 5 | -
Mondays and Wednesdays 4:30 | -
Saturdays 9.20 | -
M/W/F until 5:45 | -
twice a day for 10 days | -
practice is Tuesdays and Thursdays 6:30 | -
starting Tuesday Dec 8 at 6:15, every Tuesday | 2026-12-08T18:15
every other Friday starting the 4th | 2026-12-04
running 20 min late | -
I'll be about 40 min late | -
10 min out | -
room 12 | -
he is in grade 4 | -
size 5 shoes | -
[medical] 5 ml twice a day | -
[medical] 2 puffs every 4 hours | -
his temp is 101.4 | -
she is 42 inches now | -
they won 3 to 2 | -
for 2 kids | -
bus 412 | -
locker 318 | -
flight 1730 to Denver | -
gate code is 1945 | -
call me at 555-0142 | -
they turn 7 soon | -
page 4 | -
paragraph 4 of the order | -
24/7 | -
1/2 of it | -
under 9s | -
walgreens on 6th street | -
2nd grade | -
his 5th birthday party | -
she sat with the nurse | -
sun cream please | -
he may need his inhaler | -
Christmas concert costume | -
the Halloween costume | -
valid until March 2029 | -
[expense] half of the 180 | -
[expense] 200 due Feb 6 | 2027-02-06
[expense] $45 by Friday | 2026-11-27
[expense] Swim camp is 340, due June 6 | 2027-06-06
[expense] e-transfer by Dec 15 please | 2026-12-15
could we swap? Let me know by Thursday | 2026-11-26
please confirm by Dec 1 | 2026-12-01
[school] bus leaves 7:15 tomorrow | 2026-11-25T07:15
[school] have him at school by 8 tomorrow | 2026-11-25T08:00
[activity] the recital is Dec 10 at 7 | 2026-12-10T19:00
[activity] concert Friday at 7 | 2026-11-27T19:00
[activity] swim meet Saturday at 8 | 2026-11-28T08:00
[travel] flight is Dec 21 at 21:55 | 2026-12-21T21:55
[travel] we leave Friday at 6 am | 2026-11-27T06:00
[contact] she will call Sunday at 7 | 2026-11-29T19:00
[contact] he'll call at 7 tomorrow | 2026-11-25T19:00
[legal] hearing got reset to April 2 at 9 am | 2027-04-02T09:00
practice got moved to 530 tomorrow | 2026-11-25T17:30
moved from Thursday to Friday | 2026-11-27
[wellbeing] she's had a cough since Friday | 2026-11-20
[wellbeing] fever free since noon | 2026-11-24T12:00
[medical] Dr. Patel changed it Thursday | 2026-11-19
no school until Friday | 2026-11-27
manana at 5 | 2026-11-25T17:00
el viernes at 6 | 2026-11-27T18:00
lunes at 8 am | 2026-11-30T08:00
jutro at 4 | 2026-11-25T16:00
w piatek at 5 | 2026-11-27T17:00
any time before 7 on Tuesday | 2026-12-01
closer to 6 than 5:30 | -
eod | 2026-11-24
by end of day | 2026-11-24
by the end of the month | 2026-11-30
make it 530 not 5 | 2026-11-25T17:30
so its gonna be 7 not 6 | 2026-11-25T19:00
can do 6 at the rec center instead of 5 | 2026-11-25T18:00
6 not 5 on Saturday | 2026-11-28T18:00
Would 4 instead of 3 suit tomorrow | 2026-11-25T16:00
pickup moved from 9 to 10.30 Saturday | 2026-11-28T10:30
[activity] practice went from 5 to 6.30 Friday | 2026-11-27T18:30
we'll be at yours for six | 2026-11-25T18:00
drop at the church hall for 5 | 2026-11-25T17:00
table for 5 at the diner | -
I'll have him there 9 tomorrow | 2026-11-25T09:00
home maybe 9 | 2026-11-24T21:00
traffic is awful so more like 8 | 2026-11-24T20:00
running late, say 8 for the handoff | 2026-11-24T20:00
pickup still 5 at the gym tomorrow | 2026-11-25T17:00
Fine. Saturday. 10. Your place. | 2026-11-28T10:00
6, unless the rain clears | 2026-11-25T18:00
I can do 2 nights | -
expect us nearer 9 | 2026-11-24T21:00
closer to 6 than 5:30 | -
[activity] party's 2 to 4 at the rink tomorrow | 2026-11-25T14:00
[childcare] my mom has him 8 to 4 | 2026-11-25T08:00
[childcare] they close at 5:45 | -
[wellbeing] she slept till 9 | -
[wellbeing] he slept 8 to 6 | -
[wellbeing] up at 4 with a nightmare | 2026-11-24T04:00
[wellbeing] he keeps waking at 3 | -
[medical] threw up at 3 | 2026-11-24T15:00
[medical] amoxicillin 5 ml at 8am and 8pm | -
[medical] drops at 9 and 9 | -
[medical] ibuprofen at 7am, 1pm, 7pm until Sunday | 2026-11-29
[medical] next one due 10 | 2026-11-24T22:00
[medical] next not till 11 | 2026-11-25T11:00
[medical] she gets her braces adjusted Monday at 2 | 2026-11-30T14:00
[medical] last dose Friday | 2026-11-27
[medical] fever of 103, burning up at 105 | -
[medical] new glasses, minus 2.25 | -
[medical] his surgery is Friday, be there at 6, no food after midnight | 2026-11-27T06:00
not Thursday. not Friday. Saturday | 2026-11-28
that Saturday works | 2026-11-28
[travel] the 30th through December 4 | 2026-11-30
Friday the 27th through December 4 at 6 | 2026-11-27
the 3rd thru 5th with you | 2026-12-03
[schedule] me 4th to 6th, you 11th to 13th | 2026-12-04
[schedule] 4-6 with me, 18-20 with you | 2026-12-04
[schedule] December: mine 4 to 6 | 2026-12-04
9 to 5 with me tomorrow | 2026-11-25T09:00
[activity] tryouts 28th sat 9am | 2026-11-28T09:00
[school] meet the teacher 1st tues 6pm | 2026-12-01T18:00
[documents] passport expires February 3, the appointment is December 2 at 11:15 | 2026-12-02T11:15
[medical] appointment has gone from the 2nd to the 4th | 2026-12-04
[activity] Hank lost 7-2 | -
[activity] swim meet sat 7 | 2026-11-28T07:00
[activity] recital is Saturday at 7 | 2026-11-28T19:00
[belongings] he needs cleats 4 sat | 2026-11-28
[documents] need the form by fri 4 school | 2026-11-27
[belongings] a quiet one Saturday | 2026-11-28
[activity] camp is 9 to noon all next week | -
[childcare] he's in m-w-f til 545 | -
till 10 tomorrow | 2026-11-25T10:00
[expense] half by month end | 2026-11-30
[legal] the letter came today, mediation is March 27 | 2027-03-27
[legal] judge signed it Friday | 2026-11-20
I've asked Dana to sit Thursday at 5 | 2026-11-26T17:00
[school] he got a half day thurs out at 1150 | 2026-11-26T11:50
your half 11 | -
[expense] SAT class fee 620 | -
"""

UK = """
I have them from 22.6. until 26.6., handover at the pool at 10.00 | 2026-06-22T10:00
can you have them from 3.7. to 5.7.? | 2026-07-03
pick him up at 5.30. I'll wait outside | 2026-06-10T17:30
half 5 | 2026-06-10T17:30
pick up at half 3 tomorrow | 2026-06-11T15:30
school run tomorrow half eight | 2026-06-11T08:30
12/6 at 5 | 2026-06-12T17:00
Friday 12/6 | 2026-06-12
3/7 | 2026-07-03
14/06/26 | 2026-06-14
31.7.26 | 2026-07-31
12 June at 4.15 | 2026-06-12T16:15
the 12th June | 2026-06-12
12th of June at half 4 | 2026-06-12T16:30
Friday 12th | 2026-06-12
Fri 12 at 5 | 2026-06-12T17:00
Friday the 12th at 3.45 | 2026-06-12T15:45
Sunday the 21st | 2026-06-21
Wed 17 to Fri 19 | 2026-06-17
Fri 26 to Sun 28: with me | 2026-06-26
Sunday 6 | 2026-06-14T18:00
Saturday week | 2026-06-20
Friday week at 6 | 2026-06-19T18:00
thurs wk | 2026-06-18
a week on Saturday | 2026-06-20
a week on Sat at 2 | 2026-06-20T14:00
a fortnight on Friday | 2026-06-26
in a fortnight | 2026-06-24
tomorrow week | 2026-06-18
a week today | 2026-06-17
this Thursday | 2026-06-11
at the weekend | 2026-06-13
1730 on Thursday | 2026-06-11T17:30
Thursday 1730 | 2026-06-11T17:30
Thursday 17:30 | 2026-06-11T17:30
Thursday 17h30 | 2026-06-11T17:30
Thursday at 0845 | 2026-06-11T08:45
Thursday 3.45 | 2026-06-11T15:45
5.15pm Thursday | 2026-06-11T17:15
10.15 on Thursday | 2026-06-11T10:15
from 5 to 12 July | 2026-07-05
7 to 11 July, 8 am to 6 pm | 2026-07-07T08:00
13th, 14th and 15th of July | 2026-07-13
29/30 July | 2026-07-29
26-27 July | 2026-07-26
the 4th and the 11th of July | 2026-07-04
by the 20th | 2026-06-20
by 27th | 2026-06-27
on 22nd at 6.20 pm | 2026-06-22T18:20
sports day is Friday 19th at 1.15 | 2026-06-19T13:15
they break up on Thursday 25th at 1pm | 2026-06-25T13:00
Sat 11am at the rec | 2026-06-13T11:00
[activity] rugby Sat 10 at the rec | 2026-06-13T10:00
[activity] match is Sunday at 10 | 2026-06-14T10:00
[school] be there for quarter to 9 tomorrow | 2026-06-11T08:45
[school] 8.45 tomorrow | 2026-06-11T08:45
[medical] calpol at 2 | 2026-06-10T02:00
[medical] he had calpol at 7 today | 2026-06-10T07:00
[medical] op is Tues 23 June, arrive 7.30am, nil by mouth from midnight | 2026-06-23T07:30
Boxing Day at noon | 2026-12-26T12:00
Christmas Eve | 2026-12-24
Mother's Day | 2027-03-07
Father's Day | 2026-06-21
bonfire night | 2026-11-05
Good Friday from 10am | 2027-03-26T10:00
Easter Monday | 2027-03-29
hogmanay | 2026-12-31
Halloween at 5 | 2026-10-31T17:00
tonight at half six | 2026-06-10T18:30
this evening at 6 | 2026-06-10T18:00
this afternoon at 4 | 2026-06-10T16:00
tomorrow at twenty to four | 2026-06-11T15:40
tomorrow at five past 4 | 2026-06-11T16:05
tomorrow, Thursday 11 June, at 5 | 2026-06-11T17:00
Year 4 | -
Year 6 SATs | -
room 6C | -
pitch 44 | -
age 5-6 | -
size 13 | -
3 for 2 | -
P4 | -
half of it | -
the 417 bus | -
Wednesdays at 5 | -
every Thursday | -
each Monday | -
Mondays to Fridays | -
mon to fri 9 to 1 | -
kids are ready at 9 every day | -
3pm pickups that week | -
there's £30 on it | -
she scored 9.5 | -
he weighs 14.5 kg | -
ring 0161 496 0142 | -
flat 4 | -
number 12 Elm Road | -
2x a day | -
[expense] £72.50 by 1 July | 2026-07-01
[expense] your half is 34 | -
[documents] form due back Wednesday | 2026-06-17
kal at 5 | 2026-06-11T17:00
demain at 9 | 2026-06-11T09:00
vendredi at 4 | 2026-06-12T16:00
sroda at 4 | 2026-06-17T16:00
Friday 19 June at 17.00 | 2026-06-19T17:00
12noon on Saturday | 2026-06-13T12:00
in by half past midnight | 2026-06-11T00:30
[belongings] change it the morra | 2026-06-11
get them the night | 2026-06-10
[activity] training is 6 the night at the hall | 2026-06-10T18:00
up in the night with her | -
fae 10 | 2026-06-10T10:00
we'll mind them weds while 6 | 2026-06-17T18:00
at yours the back of six | 2026-06-10T18:00
the 24 she is with me until 21h | 2026-06-24T21:00
the monday 15 at 3h10 | 2026-06-15T15:10
[documents] the 4h club form | -
at 9h | 2026-06-10T09:00
"""

AU = """
this arvo | 2026-03-06
this arvo at 4 | 2026-03-06T16:00
tomorrow arvo | 2026-03-07
moved to 530 tonight at the old oval | 2026-03-06T17:30
be at the servo by 2 today | 2026-03-06T14:00
droppin the kids at yours 4 tomorrow | 2026-03-07T16:00
sat to tues, ferry is 7am sat | 2026-03-07T07:00
back Tues arvo around 4 | 2026-03-10T16:00
until Sunday | 2026-03-08
tues 10 march 9.20 | 2026-03-10T09:20
Mother's Day | 2026-05-10
Father's Day | 2026-09-06
Anzac Day | 2026-04-25
Australia Day | 2027-01-26
Good Friday at 10am | 2026-04-03T10:00
Easter Sunday | 2026-04-05
Friday | 2026-03-13
next Friday | 2026-03-13
next Monday | 2026-03-09
next Sunday at 4 | 2026-03-15T16:00
Friday night | 2026-03-06
this Sat | 2026-03-07
7 Mar | 2026-03-07
1/4 at 9am | 2026-04-01T09:00
20/3 | 2026-03-20
28 Feb | 2026-02-28
2 January | 2027-01-02
[medical] puffer at 12 | 2026-03-06T12:00
[medical] gave her nurofen at 11.30 | 2026-03-06T11:30
[medical] woke with a nightmare at 2 | 2026-03-06T02:00
11 o'clock last night he had a fever | 2026-03-05T23:00
by 5 | 2026-03-06T17:00
at 11 | 2026-03-07T11:00
kids have had their tea | -
cream 3 times a day and no kindy til thurs | 2026-03-12
under 9s blitz | -
"""
