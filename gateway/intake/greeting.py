"""What a caller hears, as TwiML. Pure.

The call is answered by a machine and never put through. Before anything is recorded the caller is told so, and may hang
up: the law of many places wants the consent of everybody on the line (California Penal Code § 632; Revised Code of
Washington 9.73.030, whose paragraph 3 takes an announcement for it; federal law, 18 U.S.C. § 2511(2)(d), wants that of one).
``action`` is named, since without it the carrier asks for the greeting again after each recording, for ever.
"""

from __future__ import annotations

from twilio.twiml.voice_response import VoiceResponse

from gateway.settings import Voice

UNRECORDED = "Hello. Nobody can take your call on this number, and no message is recorded. Please write instead."
SILENCE_SECONDS = 10
"""Silence after which a recording ends."""


def greet(voice: Voice, public_url: str) -> str:
    """Greeting, notice, tone, recording with transcript. A caller who says nothing hears the goodbye."""
    answer = VoiceResponse()
    answer.say(voice.greeting, language=voice.language)
    answer.say(voice.recording_notice, language=voice.language)
    answer.record(
        action=f"{public_url}/voice/after",
        method="POST",
        max_length=voice.longest_seconds,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=f"{public_url}/voice/recording",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
        transcribe=True,
        transcribe_callback=f"{public_url}/voice/transcript",
    )
    return _ended(answer, voice)


def unrecorded(voice: Voice) -> str:
    """For a caller of whom nothing is recorded: no notice, no tone."""
    answer = VoiceResponse()
    answer.say(UNRECORDED, language=voice.language)
    return _ended(answer, voice)


def goodbye(voice: Voice) -> str:
    """After the recording."""
    return _ended(VoiceResponse(), voice)


def _ended(answer: VoiceResponse, voice: Voice) -> str:
    answer.say(voice.goodbye, language=voice.language)
    answer.hangup()
    return str(answer)
