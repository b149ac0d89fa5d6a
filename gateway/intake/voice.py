"""Intake by telephone: Twilio's webhooks for a call, its recording, and the transcript of that.

    /voice/incoming ─► note the call ─► greeting, notice of recording, tone        (never put through)
    /voice/after, /voice/recording ─► note the recording (fetched later, see `recordings`)
    /voice/transcript ─► keep the words as a message of channel "voice" ─► worker, by the same rules

Each is signed like a text (see `signed`) and may come any number of times. What is noted is committed before the answer;
where it cannot be, the answer is 503: no caller is recorded by a gateway that could not keep it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.family import Directory, Family, Role, normal_phone
from gateway.intake.greeting import goodbye, greet, unrecorded
from gateway.intake.keep import UNASSIGNED, Arrival, Keeper
from gateway.intake.signed import Signed, SignedForms, envelope_of, known_by
from gateway.ledger import append
from gateway.settings import Voice
from gateway.store import Store
from gateway.store.blobs import digest
from gateway.store.tables import CallRow, RecordingRow

log = logging.getLogger(__name__)
TRY_AGAIN = {"Retry-After": "30"}
ABSENT, FAILED, WAITING = "absent", "failed", "waiting"


class VoiceHooks:
    """The four addresses that the carrier calls about a call."""

    def __init__(
        self, directory: Directory, keeper: Keeper, store: Store, forms: SignedForms, clock: Clock, voice: Voice
    ) -> None:
        self._directory, self._keeper, self._store = directory, keeper, store
        self._forms, self._clock, self._voice = forms, clock, voice

    def routes(self) -> list[Route]:
        """For the web application."""
        return [
            Route("/voice/incoming", self.incoming, methods=["POST"]),
            Route("/voice/after", self.after, methods=["POST"]),
            Route("/voice/recording", self.recording, methods=["POST"]),
            Route("/voice/transcript", self.transcript, methods=["POST"]),
        ]

    async def incoming(self, request: Request) -> Response:
        """A call: note it, then greet."""
        signed = await self._forms.read(request, "voice")
        if isinstance(signed, Response):
            return signed
        recorded = self._may_record(signed.form)
        answer = greet(self._voice, self._forms.public_url) if recorded else unrecorded(self._voice)
        envelope = envelope_of(request, signed, self._clock(), answer=answer, form=signed.form)
        try:
            await asyncio.to_thread(self._note_call, signed.form, envelope, answer)
        except StoreError:
            return _later()
        return Response(answer, media_type="text/xml")

    async def after(self, request: Request) -> Response:
        """The caller has stopped speaking: note the recording, say goodbye."""
        return await self._recorded(request, goodbye(self._voice))

    async def recording(self, request: Request) -> Response:
        """The recording is ready, or there is none."""
        return await self._recorded(request, None)

    async def transcript(self, request: Request) -> Response:
        """The words of a recording, as a machine heard them: kept like a text."""
        signed = await self._forms.read(request, "voice")
        if isinstance(signed, Response):
            return signed
        form, now = signed.form, self._clock()
        try:
            family, caller, relay = await asyncio.to_thread(self._whose, form)
            envelope = envelope_of(
                request, signed, now, call=form.get("CallSid", ""), recording=form.get("RecordingSid", "")
            )
            arrival = Arrival(
                family=family.key if family else UNASSIGNED,
                zone=family.time_zone if family else "UTC",
                channel="voice",
                raw=signed.raw,
                envelope=envelope | {"mail_from": caller, "rcpt_to": [relay]},
                received_at=now,
                provider_id=known_by(form.get("TranscriptionSid", "")),
            )
            await self._keeper.keep(arrival)
        except StoreError:
            return _later()
        return Response(status_code=204)

    async def _recorded(self, request: Request, answer: str | None) -> Response:
        signed = await self._forms.read(request, "voice")
        if isinstance(signed, Response):
            return signed
        try:
            await asyncio.to_thread(self._note_recording, signed)
        except StoreError:
            return _later()
        return Response(status_code=204) if answer is None else Response(answer, media_type="text/xml")

    def _may_record(self, form: Mapping[str, str]) -> bool:
        """Not where the family has switched voicemail off, and never a child."""
        family = self._directory.by_phone(form.get("To", ""))
        if family is None:
            return True
        try:
            known = family.who(normal_phone(form.get("From", "")), self._clock().date())
        except ValueError:
            known = None
        return family.voicemail == "record" and (known is None or known[0] is not Role.CHILD)

    def _note_call(self, form: Mapping[str, str], envelope: dict[str, Any], answer: str) -> None:
        now, sid = self._clock(), form.get("CallSid", "")[:64]
        family = self._directory.by_phone(form.get("To", ""))
        with self._store.write() as session:
            if not sid or session.scalar(select(CallRow.id).where(CallRow.sid == sid)) is not None:
                return
            key = family.key if family else UNASSIGNED
            caller, relay = form.get("From", "")[:254], form.get("To", "")[:254]
            session.add(CallRow(sid=sid, family=key, caller=caller, relay=relay, came_at=now, envelope=envelope))
            body = {"call": sid, "answer_sha256": digest(answer.encode("utf8"))}
            append(session, key, "call came", body, now=now, zone=family.time_zone if family else "UTC")

    def _note_recording(self, signed: Signed) -> None:
        form, now = signed.form, self._clock()
        sid = form.get("RecordingSid", "")[:64]
        if not sid:
            return  # the caller hung up before the tone
        state = _state(form)
        with self._store.write() as session:
            known = session.scalars(select(RecordingRow).where(RecordingRow.sid == sid).with_for_update()).first()
            if known is not None:
                return
            call = _call(session, form)
            key = call.family if call else UNASSIGNED
            seconds = int(form["RecordingDuration"]) if _is_number(form.get("RecordingDuration", "")) else None
            row = RecordingRow(
                sid=sid,
                call_sid=form.get("CallSid", "")[:64],
                family=key,
                url=form.get("RecordingUrl", ""),
                seconds=seconds,
                noted_at=now,
                next_at=now,
                state=state,
            )
            session.add(row)
            body = {"call": row.call_sid, "recording": sid, "seconds": seconds, "state": state}
            family = self._directory.family(key)
            append(session, key, "voicemail", body, now=now, zone=family.time_zone if family else "UTC")

    def _whose(self, form: Mapping[str, str]) -> tuple[Family | None, str, str]:
        """Family, caller and called number, by the form or by what was noted when the call came."""
        with self._store.read() as session:
            call = _call(session, form)
            caller, relay = (call.caller, call.relay) if call else ("", "")
        caller, relay = form.get("From") or caller, form.get("To") or relay
        return self._directory.by_phone(relay), caller, relay


def _call(session: Session, form: Mapping[str, str]) -> CallRow | None:
    return session.scalars(select(CallRow).where(CallRow.sid == form.get("CallSid", "")[:64])).first()


def _state(form: Mapping[str, str]) -> str:
    said = form.get("RecordingStatus", "completed")
    if said == "absent" or form.get("RecordingDuration") == "0":
        return ABSENT
    return FAILED if said == "failed" or not form.get("RecordingUrl") else WAITING


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 9


def _later() -> Response:
    return PlainTextResponse("not kept; try again later", 503, TRY_AGAIN)
