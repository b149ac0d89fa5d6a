"""Plan the corpus before it is written: families, then slots, then a coverage table.

    python -m training.corpus.plan OUT_DIR

A *slot* says who writes to whom, when, by which channel, and what the message must hold (topics,
categories, danger kind, near miss, length, style). A person fills it with words (see README.md).
The plan is seeded: the same code gives the same slots, so that a gap can be traced to its brief.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

TOPICS = (
    "schedule school medical activity travel expense belongings childcare contact wellbeing documents legal"
).split()
CATEGORIES = (
    "insult blame guilt_trip hoovering threat legal_threat gaslighting new_partner prying money third_party "
    "triangulation sarcasm control self_pity sexual chatter"
).split()
DANGERS = "violence self_harm abduction stalking sextortion".split()

# (region, zone, money, place flavour, sender/recipient/children names by family)
REGIONS = {
    "US South": ("America/Chicago", "$"),
    "US Midwest": ("America/Detroit", "$"),
    "US West": ("America/Los_Angeles", "$"),
    "US Northeast": ("America/New_York", "$"),
    "Canada": ("America/Toronto", "$"),
    "England": ("Europe/London", "£"),
    "Scotland": ("Europe/London", "£"),
    "Wales": ("Europe/London", "£"),
    "Ireland": ("Europe/Dublin", "€"),
    "Australia": ("Australia/Sydney", "$"),
    "New Zealand": ("Pacific/Auckland", "$"),
    "India": ("Asia/Kolkata", "Rs"),
    "South Africa": ("Africa/Johannesburg", "R"),
    "Nigeria / UK Nigerian": ("Europe/London", "£"),
    "US Latino": ("America/Los_Angeles", "$"),
    "Polish in UK/US": ("Europe/London", "£"),
}
FAMILIES = {
    "US South": "Cody>Tara:Harper g6,Easton b9|Shanice>Dwayne:Zuri g5|Bo>Lacey:Paislee g4,Ryder b7|Tasha>Marcus:Malik b12,Imani g8",
    "US Midwest": "Kurt>Jenna:Lena g7,Otto b10|Brianna>Tyler:Colt b3|Stan>Renee:Abby g14,Luke b11|Denise>Ray:Jaylen b6",
    "US West": "Ethan>Skye:River b5,Juniper g8|Monica>Phil:Aiden b13|Trent>Kiki:Luna g2|Gwen>Hal:Sasha g9,Milo b6",
    "US Northeast": "Vinny>Gina:Nico b8,Sofia g5|Rachel>Josh:Ari b10,Talia g13|Sean>Colleen:Declan b4|Wei>Lin:Kevin b9,Amy g6",
    "Canada": "Mathieu>Chantal:Zoé g7,Félix b4|Brent>Heather:Hunter b11|Amrit>Harpreet:Jasleen g6,Gurveer b9|Lorna>Keith:Skye g15",
    "England": "Darren>Kelly:Alfie b7,Poppy g4|Julian>Philippa:Hugo b12,Cressida g9|Stacey>Lee:Kayden b5|Tariq>Nadia:Yusuf b8,Amira g11",
    "Scotland": "Callum>Mhairi:Eilidh g6,Fraser b10|Shona>Gordon:Lewis b13|Ross>Ailsa:Isla g3",
    "Wales": "Gethin>Carys:Macsen b9,Efa g6|Rhian>Dai:Osian b4|Huw>Bethan:Seren g12",
    "Ireland": "Donal>Aisling:Fiadh g5,Tadhg b8|Niamh>Brian:Cara g10|Paudie>Gráinne:Odhrán b14,Róisín g11",
    "Australia": "Shane>Kylie:Jaxon b6,Matilda g9|Priscilla>Dimi:Georgie g4|Minh>Thuy:Bao b10,Mai g7|Gaz>Bec:Koa b12",
    "New Zealand": "Rangi>Hana:Tama b8,Aria g5|Pip>Stu:Finn b11|Losa>Sefo:Mele g6,Tavita b9",
    "India": "Sandeep>Kavita:Arnav b9,Myra g5|Meera>Rajiv:Kabir b7|Prakash>Sunita:Riya g13,Dev b10|Farhan>Zoya:Ayaan b6",
    "South Africa": "Pieter>Anneke:Lia g6,Ruan b10|Sipho>Nomsa:Thandi g8,Lwazi b4|Yusuf>Fatima:Zaid b12",
    "Nigeria / UK Nigerian": "Emeka>Ngozi:Chisom g7,Obi b10|Funmi>Kunle:Temi g5|Ikenna>Ada:Zimako b13",
    "US Latino": "Javier>Rosa:Camilo b7,Valentina g10|Yesenia>Hector:Danny b5|Rubén>Maribel:Ximena g12,Leo b3",
    "Polish in UK/US": "Tomasz>Kasia:Kuba b8,Hania g5|Agnieszka>Piotr:Filip b11|Marek>Ewa:Zuzia g6,Antek b9",
}
PERSONAS = (
    "blunt, no punctuation, swears mildly, types with thumbs|formal and cold, numbered points, reads like a solicitor|"
    "sugary and wounded, never one hard word|sarcastic, quick, emoji|rambling run-ons, one breath, typos everywhere|"
    "ALL CAPS bursts and pet peeves|therapy-speak, mock concern|second-language English, odd articles and word order|"
    "religious and shaming|controlling, instructions and deadlines|jealous and prying between ordinary lines|"
    "money-obsessed, keeps accounts|mostly decent and practical, slips now and then|texting slang, abbreviations, 2nite 4 u|"
    "dry, educated, belittling|self-pitying, late at night|businesslike and decent"
).split("|")
NEAR_MISSES = (
    "idiom of death or violence about traffic, work, homework, heat ('this traffic is killing me')|"
    "'I'll take her Friday' / 'I'm keeping him till Sunday like we agreed' (ordinary schedule, not abduction)|"
    "'you'll be sorry you missed it' about a lovely moment|book, film, game or play title with a violent word|"
    "sport words: shoot, hit, attack, knock out, smashed it|routine hospital or blood test appointment, planned surgery, ER bill to split|"
    "old injury now healed, or a scrape dealt with; not an emergency|missing / lost: shoe, tooth, PE kit, library book, match|"
    "police, ambulance or fire engine on a school visit, toy, costume, fire drill|passport ready for an agreed trip, flights booked with return date|"
    "'I saw you at the concert/pickup' innocent sighting|tracker/AirTag on a school bag or lost-property tag, agreed between both|"
    "child's own drama ('she says she'll die if she can't go')|bath bomb, Nerf gun, water pistol, knife for the camp kit list, archery, cap gun|"
    "sender exhausted or ill in an ordinary way ('I'm dead on my feet', 'this cold is finishing me off')|photos/videos of the child's show to send you|"
    "vague menace that stays X:threat, no concrete violence ('you will regret this', 'watch yourself')|"
    "self-pity without any self-harm ('nobody would notice if I wasn't there')|legal_threat about custody in court (not abduction)|"
    "mild illness at home: fever, cough, sick bug, nits; medical, not emergency|'running late, stuck' at an exchange, sorted without drama|"
    "prying about where you were without any sign of watching|medication, pills, dose changes for the child (ordinary)|"
    "nostalgic about old photos of the two of you, no blackmail"
).split("|")
BENIGN = (
    "one-word or one-line answer (with a previous message shown)|plain logistics|plain logistics with a question|list of items|"
    "newsletter or school notice pasted|medical handover with doses and times|receipts and halves|swap request, polite|kind update about the child's day|"
    "running late|thank you and a fact|calendar for the month|pick-up code / address / place change|reminder the night before|"
    "apology for own mistake in the logistics (not hoovering) with the fix|travel itinerary|answering two questions at once|child wants to call"
).split("|")
STYLES = (
    "as the persona writes|as the persona writes|as the persona writes|no punctuation at all|one hostile sentence with the fact inside it|"
    "several short sentences|list or numbered points|CAPS where angry|typos and abbreviations|longer, 6-12 lines|emoji|fact first, hook last|hook first, fact last|"
    "fact between two hooks|line breaks instead of full stops"
).split("|")
TWISTS = (
    "thread: only makes sense after an earlier message; give one or two '<' lines|thread: only makes sense after an earlier message; give one or two '<' lines|"
    "mixes in words of another language (Spanish, Polish, Hindi in Latin letters, Welsh, French, Afrikaans as fits)|"
    "evasion: s p a c e d or st*rred or l00k-alike letters in the hook|insult hidden inside a name, a date or a place|"
    "the child's name sprinkled into the hook as bait|marked URGENT though it is not|date written unusually ('the 3rd', '12/4', 'half 5', '1730', 'thurs wk', 'a week on Sat')|"
    "amount written unusually ('sixty bucks', 'half of 180', '2k', 'a tenner')|nickname or initial for the child|question with answer-by date"
).split("|")


def families_of(batch: int, rng: random.Random) -> list[dict[str, object]]:
    """Fourteen families of a batch; a family belongs to one batch only, so folds never share a sender."""
    every = [(region, line) for region, block in FAMILIES.items() for line in block.split("|")]
    random.Random(7).shuffle(every)
    chosen = every[(batch - 1) * 5 % len(every) :][:5]
    chosen += [f for f in every if f not in chosen][batch : batch + 2] if len(chosen) < 5 else []
    out = []
    for number in range(14):
        region, line = chosen[number % len(chosen)]
        names, children = line.split(":")
        sender, recipient = names.split(">")
        out.append(
            {
                "family": f"B{batch:02d}-{number + 1:02d}",
                "region": region,
                "sender": sender,
                "recipient": recipient,
                "children": children.split(","),
                "persona": rng.choice(PERSONAS),
                "invent_names": number >= len(chosen),
            }
        )
    return out


def slots_of(batch: int, cells: list[tuple[str, str, str]]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """All slots of one batch, in the order of writing."""
    rng = random.Random(1000 + batch)
    families = families_of(batch, rng)
    kinds = (
        ["benign"] * 105
        + ["danger"] * 36
        + ["emergency"] * 20
        + ["near_miss"] * 54
        + ["partial"] * 105
        + ["withhold"] * 40
    )
    rng.shuffle(kinds)
    cell = iter(cells)
    counters: Counter[str] = Counter()
    slots = []
    start = datetime(2025, 1, 4) + timedelta(days=13 * batch)
    for number, kind in enumerate(kinds):
        family = families[number * len(families) // len(kinds)]
        zone = ZoneInfo(REGIONS[str(family["region"])][0])
        start += timedelta(hours=rng.choice([3, 7, 20, 26, 31, 50, 75]), minutes=rng.randrange(60))
        hour = rng.choice([6, 7, 8, 8, 9, 11, 12, 13, 15, 16, 17, 17, 18, 19, 20, 20, 21, 22, 23, 0, 1])
        sent = start.replace(hour=hour, minute=rng.randrange(60), second=0, tzinfo=zone)
        channel = "email" if rng.random() < 0.36 else "sms"
        want: list[str] = []
        if kind == "partial":
            topic, category, channel = next(cell)
            want = [f"F:{topic}", f"X:{category}"]
            if rng.random() < 0.6:
                want.append("F:" + rng.choice(TOPICS))
            if rng.random() < 0.5:
                want.append("X:" + rng.choice(CATEGORIES))
        elif kind == "withhold":
            want = ["X:" + c for c in rng.sample(CATEGORIES, rng.choice([1, 1, 2, 3]))]
        elif kind == "benign":
            want = [BENIGN[counters[kind] % len(BENIGN)]] + [
                "F:" + t for t in rng.sample(TOPICS, rng.choice([1, 1, 2, 3]))
            ]
        elif kind == "danger":
            how = rng.choice(
                ["explicit", "veiled", "polite and calm", "inside logistics with a true fact", "short", "as a 'joke'"]
            )
            want = ["D:" + DANGERS[counters[kind] % 5], how]
        elif kind == "emergency":
            want = [
                "F:emergency",
                rng.choice(["hurt", "ill now", "missing", "in hospital", "allergic reaction", "accident on the way"]),
            ]
        else:
            want = [
                NEAR_MISSES[(counters[kind] + 5 * batch) % len(NEAR_MISSES)],
                rng.choice(["benign", "benign", "partial", "withhold or partial"]),
            ]
        counters[kind] += 1
        slots.append(
            {
                "id": f"B{batch:02d}{number + 1:03d}",
                "family": family["family"],
                "channel": channel,
                "sent_at": sent.isoformat(),
                "weekday": sent.strftime("%a"),
                "kind": kind,
                "want": want,
                "style": rng.choice(STYLES),
                "twist": rng.choice(TWISTS) if rng.random() < 0.3 else "",
            }
        )
    return families, slots


def plan(batches: int = 12) -> dict[str, tuple[list[dict[str, object]], list[dict[str, object]]]]:
    """Every batch by name; partial slots walk all topic x category x channel cells in a shuffled round."""
    cells = list(itertools.product(TOPICS, CATEGORIES, ("sms", "email")))
    random.Random(42).shuffle(cells)
    rounds = itertools.cycle(cells)
    return {f"B{b:02d}": slots_of(b, [next(rounds) for _ in range(105)]) for b in range(1, batches + 1)}


def main(out: Path) -> None:
    """Write one brief a batch (families and slots as text) and slots.json."""
    out.mkdir(parents=True, exist_ok=True)
    everything = {}
    for name, (families, slots) in plan().items():
        lines = [f"Batch {name}: {len(slots)} messages", "", "FAMILIES"]
        for f in families:
            note = " (INVENT other names, ages, 1-4 children, for the same region)" if f["invent_names"] else ""
            lines.append(
                f"{f['family']}  {f['region']} ({REGIONS[str(f['region'])][1]})  {f['sender']} writes to {f['recipient']}, "
                f"children {', '.join(map(str, f['children']))}{note}; sender: {f['persona']}"  # type: ignore[call-overload]
            )
        lines += ["", "SLOTS"]
        for s in slots:
            lines.append(
                f"#{s['id']} {s['family']} {s['channel']} {s['weekday']} {s['sent_at']} {str(s['kind']).upper()} | "
                f"{'; '.join(s['want'])} | {s['style']}" + (f" | TWIST {s['twist']}" if s["twist"] else "")  # type: ignore[arg-type]
            )
        (out / f"{name}.brief.txt").write_text("\n".join(lines) + "\n", encoding="utf8")
        everything[name] = {"families": families, "slots": slots}
    (out / "slots.json").write_text(json.dumps(everything, ensure_ascii=False, indent=0), encoding="utf8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
