"""The sample family and what arrives for it. Everybody is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RELAY_EMAIL, RELAY_PHONE = "rivera@relay.example.org", "+15005550001"
PARENT_EMAIL, PARENT_PHONE = "dana@example.org", "+15005550002"
EX_EMAIL, EX_PHONE = "mark@example.net", "+15005550003"
LAWYER_EMAIL, STRANGER_EMAIL = "office@okafor-law.example.com", "sunny77@example.com"
SAFETY_EMAIL = "ruth@example.org"


def family() -> dict[str, Any]:
    """As it would stand in breakwater.toml."""
    return {
        "key": "rivera",
        "time_zone": "America/Chicago",
        "relay_email": RELAY_EMAIL,
        "relay_phone": RELAY_PHONE,
        "cards_by": ["email", "sms"],
        "parent": {"name": "Dana", "emails": [PARENT_EMAIL], "phones": [PARENT_PHONE]},
        "coparent": {"name": "Mark", "emails": [EX_EMAIL], "phones": [EX_PHONE]},
        "child": [{"name": "Emma", "nicknames": ["Em"], "pronouns": "she"}, {"name": "Noah", "pronouns": "he"}],
        "person": [
            {"name": "Ms Okafor", "role": "lawyer", "emails": [LAWYER_EMAIL]},
            {"name": "Ruth", "role": "safety contact", "emails": [SAFETY_EMAIL]},
        ],
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """One message that arrives. `about`: what it shows, in a word. `html`: a second body."""

    about: str
    channel: str
    text: str
    subject: str = ""
    sender: str = EX_EMAIL
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    name: str = "Mark"


SAMPLES = (
    Sample("plain, by email", "email", "Hi Dana,\n\nPickup is at 6 pm on Friday at the library. Noah has soccer at 10 on Saturday.\n\nMark\n", "Friday"),
    Sample("plain, by text", "sms", "Em's inhaler refill is ready at the pharmacy on Oak St, can you get it before Thursday?", sender=EX_PHONE),
    Sample(
        "facts in a hook",
        "email",
        "You always make everything so hard. Emma's dentist appointment is Tuesday at 3:30. "
        "Maybe if you had tried a little harder we would still be a family. Bring her insurance card.\n",
        "Since you never listen",
        html="<p>You always make everything so hard. Emma&#39;s dentist appointment is Tuesday at 3:30. "
        "Maybe if you had tried a little harder we would still be a family. Bring her insurance card.</p>"
        "<img src='http://tracker.example.net/open.gif'>",
    ),
    Sample("only a hook", "sms", "nobody will ever put up with you like i did. you are pathetic", sender=EX_PHONE),
    Sample("sweet, not about the children", "email", "I miss us. I still have your blue mug. Can we just talk, like we used to?\n", "us"),
    Sample("danger", "sms", "I know where you park now. Keep this up and I will kill you.", sender=EX_PHONE),
    Sample("emergency", "sms", "Noah fell off the climbing frame, we are in an ambulance to St Luke's hospital right now", sender=EX_PHONE),
    Sample(
        "court papers",
        "email",
        "Dear Ms Rivera,\n\nThe hearing in your matter is set for 14 December at 9:30 in room 4B. "
        "Please bring the school records.\n\nA. Okafor\n",
        "Hearing date",
        sender=LAWYER_EMAIL,
        name="A. Okafor",
    ),
    Sample(
        "cannot be told (the two bodies disagree)",
        "email",
        "See you at the recital on Sunday at 2.\n",
        "Recital",
        html="<p>See you at the recital on Sunday at 2. And by the way the whole school knows what you are.</p>",
    ),
    Sample("a stranger", "email", "Hey, you do not know me but Mark is a good man and the kids need him.\n", "about Mark", sender=STRANGER_EMAIL, name="Sunny"),
    Sample("tapback", "sms", "Liked “Thank you”", sender=EX_PHONE),
    Sample(
        "answer with the old mail quoted",
        "email",
        "Yes, 5 works. I will bring her coat.\n\nOn Mon, 23 Nov 2026 at 18:02, Updates <rivera@relay.example.org> wrote:\n"
        "> Could you take Emma at 5 on Wednesday instead of 6?\n",
        "Re: Wednesday",
    ),
)  # fmt: skip
