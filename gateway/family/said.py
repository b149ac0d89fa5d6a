"""A family's settings in the words that a parent reads. Pure; each constant is a whole phrase, so that it can be translated."""

from __future__ import annotations

from typing import Final

TOPICS_SAID: Final = {
    "schedule": ("Schedule", "Handovers, pickup times, swaps of days."),
    "school": ("School", "Classes, homework, teachers, school events."),
    "medical": ("Medical", "Health, medicine, doctors, allergies."),
    "activity": ("Activity", "Sports, lessons, parties, friends."),
    "travel": ("Travel", "Journeys with the children, flights, addresses on the way."),
    "expense": ("Expense", "Costs for the children, and who pays."),
    "belongings": ("Belongings", "Coats, toys, school bags, glasses."),
    "childcare": ("Childcare", "Sitters, day care, who looks after the children."),
    "contact": ("Contact", "Calls and messages between a child and a parent."),
    "wellbeing": ("Wellbeing", "How a child is doing, sleep, worries."),
    "documents": ("Documents", "Forms, passports, signatures."),
    "legal": ("Legal", "Courts, lawyers, orders."),
    "emergency": ("Emergency", "A child is hurt, very ill or missing."),
}
"""Each topic by its name on a card, with what belongs to it."""
CHOICES_SAID: Final = {
    "now": "At once",
    "digest": "At your hours",
    "reviewer": "Waits for a look",
    "withhold": "Kept back",
}
CATEGORIES_SAID: Final = {
    "insult": "Insults",
    "blame": "Blame",
    "guilt_trip": "Guilt",
    "hoovering": "Wishes to have you back",
    "threat": "Threats that are no danger",
    "legal_threat": "Threats with a court or a lawyer",
    "gaslighting": "Denying what happened",
    "new_partner": "About a new partner",
    "prying": "Questions about your life",
    "money": "Money that is not about the children",
    "third_party": "About other people",
    "triangulation": "Drawing the children or others in",
    "sarcasm": "Sarcasm",
    "control": "Orders about your life",
    "self_pity": "Self-pity",
    "sexual": "Sexual remarks",
    "chatter": "Small talk",
}
ROLES_SAID: Final = {
    "lawyer": "Lawyer: mail comes whole",
    "professional": "Teacher, doctor, court, social worker: mail comes whole",
    "safety contact": "Safety contact: is told of alarms",
    "relative": "Relative: sorted like the other parent",
    "partner": "Partner of the other parent: sorted like the other parent",
    "reviewer": "Reviewer: their own mail is only announced",
    "other": "Somebody else: sorted like the other parent",
}
SETTINGS_SAID: Final = {
    ("time_zone",): "Time zone",
    ("dates",): "How dates are read",
    ("language",): "Language of updates",
    ("currency",): "Currency",
    ("country",): "Country",
    ("relay_email",): "Relay address",
    ("relay_phone",): "Relay number",
    ("cards_by",): "Updates come by",
    ("deliver",): "When updates come",
    ("subject",): "Subject line",
    ("calendar",): "Calendar files",
    ("quiet_notice",): "A note when there is nothing new",
    ("pause",): "Vacations",
    ("hold_until",): "Held for a court day until",
    ("hard_days",): "Hard days",
    ("parent",): "What is known of you",
    ("coparent",): "What is known of the other parent",
    ("children",): "The children",
    ("replies",): "Answering through the relay",
    ("answer_hours",): "Hours in which a question is taken to want its answer",
    ("checkpoints_to",): "Who gets the seals of the log",
    ("mailbox",): "The mailbox that is read",
    ("contact",): "Contact mode",
    ("archive",): "What archive-only does",
    ("count_every",): "Counts of what was kept",
    ("voicemail",): "Voicemail",
    ("child_kept_days",): "Days that a child's message stays here",
    ("receipt", "kind"): "What the other parent is told",
    ("receipt", "answer_hours"): "Hours that you promise in a receipt",
    ("order",): "Your answers about orders",
    ("coach", "tone"): "Tone of the coach",
    ("coach", "hold_heated"): "Heated answers wait until the morning",
    ("coach", "private"): "Words that should stand in no answer",
    ("alarms", "repeat_minutes"): "Minutes after which an alarm comes again",
    ("alarms", "hourly"): "Hourly repeats of an alarm",
    ("alarms", "danger_by_night"): "Danger alarms by night",
    ("alarms", "also"): "Who else is told in the end",
    ("alarms", "test"): "Test alarms",
    ("alarms", "outage_minutes"): "Minutes after which a failing way is told",
    ("vault", "delay_minutes"): "Minutes between asking for an original and reading it",
    ("vault", "companion"): "Who is with you when you read an original",
}
"""Keys of the settings, as the pages name them."""
PRIVATE: Final = frozenset(
    {("relay_email",), ("relay_phone",), ("parent",), ("coparent",), ("children",), ("checkpoints_to",), ("mailbox",),
     ("order",), ("coach", "private"), ("alarms", "also"), ("vault", "companion")}
)  # fmt: skip
"""What is only said to have changed: names, addresses and private words stand in no log."""
VALUES_SAID: Final = {
    "True": "yes",
    "False": "no",
    "None": "not set",
    "": "none",
    "ask": "after you were asked",
    "en": "English",
    "es": "Español",
    "grey": "bare facts",
    "yellow": "with a please and a thank you",
    "email": "email",
    "sms": "text message",
    "email, sms": "email and text message",
}
"""Values that would not read well as they stand."""
