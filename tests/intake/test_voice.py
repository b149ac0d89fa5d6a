"""Calls over real sockets: never put through, recorded only after the notice, kept, read like a text and marked."""

import base64
import hashlib
import sqlite3
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from gateway.demo.run import TOKEN
from gateway.demo.sample import EX_PHONE, PARENT_PHONE, RELAY_PHONE, SAFETY_EMAIL
from gateway.intake.greeting import goodbye, greet
from gateway.intake.keep import Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.signed import SignedForms
from gateway.intake.voice import VoiceHooks
from gateway.ledger import INSTALLATION
from gateway.settings import Twilio, Voice
from gateway.store import Blobs, Store
from gateway.store.tables import CallRow, MessageRow, RecordingRow
from tests.e2e.world import World, open_world, wait_until
from tests.intake.test_grouping import Hands
from tests.voices.proved import CHILD_PHONE, household

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt invented sound"
ACCOUNT = "AC" + "0" * 32
CALL, RECORDING = "CA1", "RE1"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def world(tmp_path, hands: Hands) -> Iterator[World]:
    with open_world(tmp_path, hands) as opened:
        yield opened


def post(world: World, path: str, form: dict[str, str], **changes: str) -> httpx.Response:
    url = world.settings.server.public_url + path
    signature = changes.get("signature", RequestValidator(TOKEN).compute_signature(url, form))
    head = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(url, content=changes.get("body", urlencode(form)), headers=head)


def call(**changes: str) -> dict[str, str]:
    return {
        "CallSid": CALL,
        "AccountSid": ACCOUNT,
        "From": EX_PHONE,
        "To": RELAY_PHONE,
        "CallStatus": "ringing",
    } | changes


def recording(world: World, **changes: str) -> dict[str, str]:
    url = f"{world.carrier.base}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
    return {
        "CallSid": CALL, "AccountSid": ACCOUNT, "RecordingSid": RECORDING, "RecordingUrl": url,
        "RecordingStatus": "completed", "RecordingDuration": "14",
    } | changes  # fmt: skip


def transcript(world: World, words: str, **changes: str) -> dict[str, str]:
    return recording(world) | {
        "From": EX_PHONE, "To": RELAY_PHONE, "TranscriptionSid": "TR1", "TranscriptionStatus": "completed",
        "TranscriptionText": words,
    } | changes  # fmt: skip


def voicemail(world: World, words: str, **changes: str) -> None:
    """A whole call with a message, in the order in which the carrier calls back."""
    assert post(world, "/voice/incoming", call()).status_code == 200
    assert post(world, "/voice/after", recording(world)).status_code == 200
    assert post(world, "/voice/recording", recording(world)).status_code == 204
    assert post(world, "/voice/transcript", transcript(world, words, **changes)).status_code == 204


def rows(world: World, table: type) -> list:
    with world.store.read() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def log(world: World, kind: str, name: str = "rivera") -> list[dict]:
    return [dict(e.body) for e in world.log(name) if e.kind == kind]


def test_a_call_is_greeted_told_of_the_recording_and_never_put_through(world: World) -> None:
    answer = post(world, "/voice/incoming", call())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    said = ElementTree.fromstring(answer.content)
    assert [verb.tag for verb in said] == ["Say", "Say", "Record", "Say", "Hangup"]
    assert "recorded" in (said[1].text or "")
    assert "Dana" not in answer.text
    assert PARENT_PHONE not in answer.text
    record = said[2].attrib
    base = world.settings.server.public_url
    assert record["action"] == f"{base}/voice/after"
    assert record["recordingStatusCallback"] == f"{base}/voice/recording"
    assert (record["transcribe"], record["transcribeCallback"]) == ("true", f"{base}/voice/transcript")
    assert int(record["maxLength"]) <= 120
    (noted,) = log(world, "call came")
    assert noted == {"call": CALL, "answer_sha256": hashlib.sha256(answer.content).hexdigest()}
    (row,) = rows(world, CallRow)
    assert (row.family, row.caller, row.envelope["answer"]) == ("rivera", EX_PHONE, answer.text)


def test_the_words_can_be_set_and_the_notice_cannot_be_left_out() -> None:
    voice = Voice(greeting="Bonjour <b>.", recording_notice="Votre message est enregistré & gardé.", language="fr-FR")
    said = ElementTree.fromstring(greet(voice, "https://relay.example.org"))
    assert [s.text for s in said if s.tag == "Say"][:2] == ["Bonjour <b>.", "Votre message est enregistré & gardé."]
    assert {s.get("language") for s in said if s.tag == "Say"} == {"fr-FR"}
    assert [v.tag for v in ElementTree.fromstring(goodbye(voice))] == ["Say", "Hangup"]
    for empty in ("", "  ", "beep"):
        with pytest.raises(ValueError, match="recorded and kept"):
            Voice(recording_notice=empty)


def test_a_voicemail_is_kept_fetched_read_and_marked(world: World) -> None:
    world.carrier.recordings[RECORDING] = WAV
    voicemail(world, "Hi, Noah has soccer at 10 on Saturday. You never answer, you are pathetic.")
    world.settle()
    (card,) = world.cards()
    assert card.content["channel"] == "voicemail, written down by a machine"
    assert [i["text"] for i in card.content["items"]] == ["Noah has soccer at 10 on Saturday."]
    assert any("A machine wrote these words down" in note for note in card.content["notes"])
    (message,) = rows(world, MessageRow)
    assert (message.channel, message.envelope["recording"], message.envelope["call"]) == ("voice", RECORDING, CALL)
    wait_until(lambda: rows(world, RecordingRow)[0].state == "kept", 20)
    (row,) = rows(world, RecordingRow)
    blobs = Blobs(world.settings.data / "blobs", world.store)
    assert (blobs.get(row.family, row.sha256), row.size, row.seconds) == (WAV, len(WAV), 14)
    blobs.close()
    basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert world.carrier.logins == [f"Basic {basic}"]
    kinds = [e.kind for e in world.log()]
    assert [kinds.count(k) for k in ("call came", "voicemail", "recording", "received", "decided")] == [1] * 5
    assert EX_PHONE not in str(world.log())
    assert "soccer" not in str(world.log())


def test_callbacks_that_come_again_change_nothing(world: World) -> None:
    world.carrier.recordings[RECORDING] = WAV
    for _ in range(3):
        voicemail(world, "Noah has soccer at 10 on Saturday.")
    world.settle()
    assert (len(rows(world, MessageRow)), len(rows(world, CallRow)), len(rows(world, RecordingRow))) == (1, 1, 1)
    assert len(world.cards()) == 1


@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/after", "/voice/recording", "/voice/transcript"])
def test_what_the_carrier_did_not_sign_is_refused(world: World, path: str) -> None:
    form = transcript(world, "Noah has soccer at 10")
    for changes in ({"signature": "x"}, {"body": urlencode(form | {"To": "+15005559999"})}, {"body": ""}):
        answer = post(world, path, form, **changes)
        assert (answer.status_code, answer.text) == (403, "the signature does not fit")
    assert rows(world, MessageRow) == rows(world, CallRow) == rows(world, RecordingRow) == []
    assert {"why": "wrong signature", "channel": "voice"} in log(world, "refused", INSTALLATION)


def test_without_an_account_every_call_is_refused(tmp_path) -> None:
    with open_world(tmp_path, twilio=None) as world:
        assert post(world, "/voice/incoming", call()).status_code == 403


def test_danger_on_a_voicemail_alarms_at_once(world: World) -> None:
    voicemail(world, "I know where you park now. Keep this up and I will kill you.")
    world.settle()
    assert [c.lane for c in world.cards()] == ["danger"]
    assert len(world.mails(SAFETY_EMAIL)) == 1


def test_words_that_are_not_certain_wait_for_a_look(world: World) -> None:
    voicemail(world, "uh the thing for em maybe the whatsit at the place")
    world.settle()
    (card,) = world.cards()
    assert (card.lane, card.content["items"]) == ("unsorted", [])


@pytest.mark.parametrize("changes", [{"TranscriptionStatus": "failed"}, {"TranscriptionText": " "}])
def test_a_transcript_that_failed_is_announced(world: World, changes: dict[str, str]) -> None:
    voicemail(world, "half of it", **changes)
    world.settle()
    (card,) = world.cards()
    assert card.lane == "unsorted"
    assert "no machine could write down" in " ".join(card.content["notes"])


def test_a_voicemail_without_any_transcript_is_announced_once(world: World, hands: Hands) -> None:
    world.carrier.recordings[RECORDING] = WAV
    post(world, "/voice/incoming", call())
    post(world, "/voice/recording", recording(world))
    hands.on(29 * 60)
    wait_until(lambda: rows(world, RecordingRow)[0].state == "kept", 20)
    assert rows(world, MessageRow) == []
    hands.on(2 * 60)
    wait_until(lambda: len(rows(world, MessageRow)) == 1, 20)
    world.settle()
    assert world.cards()[0].lane == "unsorted"
    wait_until(lambda: rows(world, RecordingRow)[0].told, 20)
    hands.on(3600)
    post(world, "/voice/transcript", transcript(world, "Noah has soccer at 10 on Saturday."))
    world.settle()
    assert [c.lane for c in world.cards()] == ["unsorted", "facts"]


def test_a_transcript_that_came_is_not_announced_again(world: World, hands: Hands) -> None:
    voicemail(world, "Noah has soccer at 10 on Saturday.")
    world.settle()
    hands.on(31 * 60)
    wait_until(lambda: rows(world, RecordingRow)[0].told, 20)
    assert len(rows(world, MessageRow)) == 1


def test_a_caller_who_says_nothing_makes_no_message(world: World, hands: Hands) -> None:
    post(world, "/voice/incoming", call())
    post(world, "/voice/recording", recording(world, RecordingStatus="absent", RecordingDuration="0"))
    hands.on(3600)
    world.settle()
    assert [r.state for r in rows(world, RecordingRow)] == ["absent"]
    assert rows(world, MessageRow) == []
    assert log(world, "voicemail")[0]["state"] == "absent"


def test_a_recording_that_is_not_there_yet_is_asked_for_again(world: World, hands: Hands) -> None:
    voicemail(world, "Noah has soccer at 10 on Saturday.")
    wait_until(lambda: rows(world, RecordingRow)[0].attempts == 1, 20)
    assert rows(world, RecordingRow)[0].state == "waiting"
    world.carrier.recordings[RECORDING] = WAV
    hands.on(60)
    wait_until(lambda: rows(world, RecordingRow)[0].state == "kept", 20)


@pytest.mark.parametrize("url", ["http://169.254.169.254/RE1", "https://api.twilio.com.evil.example/RE1", "nonsense"])
def test_a_recording_elsewhere_is_never_fetched(world: World, url: str) -> None:
    post(world, "/voice/incoming", call())
    post(world, "/voice/recording", recording(world, RecordingUrl=url))
    wait_until(lambda: rows(world, RecordingRow)[0].state == "refused", 20)
    assert world.carrier.logins == []
    assert [b["state"] for b in log(world, "recording")] == ["refused"]


def test_a_call_of_the_parent_or_of_nobody_known(world: World) -> None:
    voicemail(world, "Noah has soccer at 10 on Saturday.", From="anonymous")
    world.settle()
    (card,) = world.cards()
    assert (card.lane, card.content["who"], card.content["items"]) == ("unsorted", "someone not on your list", [])
    post(world, "/voice/transcript", transcript(world, "hello", From=PARENT_PHONE, TranscriptionSid="TR2"))
    world.settle()
    assert world.cards()[1].content["heading"] == "About your message"


def test_a_call_to_a_number_of_no_family_is_kept_all_the_same(world: World) -> None:
    post(world, "/voice/incoming", call(To="+15005559999"))
    post(world, "/voice/recording", recording(world))
    post(world, "/voice/transcript", transcript(world, "hello", To="+15005559999"))
    assert [r.family for r in rows(world, CallRow)] == ["unassigned"]
    assert [r.family for r in rows(world, MessageRow)] == ["unassigned"]


def test_the_transcript_finds_its_family_by_the_call(world: World) -> None:
    """A callback without From and To."""
    post(world, "/voice/incoming", call())
    form = transcript(world, "Noah has soccer at 10 on Saturday.")
    del form["From"], form["To"]
    assert post(world, "/voice/transcript", form).status_code == 204
    world.settle()
    assert [c.lane for c in world.cards()] == ["facts"]


def test_a_locked_database_answers_try_again_and_records_nobody(tmp_path, blobs, directory, clock) -> None:
    store = Store(f"sqlite:///{tmp_path / 'locked.db'}", busy_seconds=0.1)
    store.migrate()
    keeper = Keeper(store, blobs)
    base = "https://relay.example.org"
    forms = SignedForms(Twilio(account_sid=ACCOUNT, auth_token=TOKEN), Refusals(store, clock), base)
    hooks = VoiceHooks(directory, keeper, store, forms, clock, Voice())
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    form = call()
    head = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(f"{base}/voice/incoming", form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with TestClient(Starlette(routes=hooks.routes())) as client:
        other.execute("BEGIN IMMEDIATE")
        answer = client.post("/voice/incoming", content=urlencode(form), headers=head)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "Record" not in answer.text
        other.execute("ROLLBACK")
        assert client.post("/voice/incoming", content=urlencode(form), headers=head).status_code == 200
    other.close()
    keeper.close()
    store.close()


@pytest.mark.parametrize("why", ["off", "child"])
def test_a_call_that_may_not_be_recorded_is_not(tmp_path, why: str) -> None:
    family = household(voicemail="off") if why == "off" else household()
    with open_world(tmp_path, families=(family,)) as world:
        answer = post(world, "/voice/incoming", call(From=EX_PHONE if why == "off" else CHILD_PHONE))
        verbs = [element.tag for element in ElementTree.fromstring(answer.text)]
        assert verbs == ["Say", "Say", "Hangup"]
        assert "no message is recorded" in answer.text
        assert [e.kind for e in world.log()].count("call came") == 1
        other = post(world, "/voice/incoming", call(From=EX_PHONE, CallSid="CA2"))
        assert ("<Record" in other.text) is (why == "child")
