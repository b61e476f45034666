"""One leg's media: its stream and the descriptions that went each way (RFC 3264).

Owns the leg's Stream. ``described`` is what the far end said last, ``local`` what we said last; a
renewed description that changes nothing is recognised here, so that a session refresh or a phone
that moved never troubles the other party. Addresses stay in this room: calls see only Media.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.errors import MediaError, RemoteProtocolError
from appliance.media.api import MediaPlane, PacketKind, Stream, StreamStatistics
from appliance.media.ports import PORTS_EXHAUSTED
from appliance.media.warning import warning_octets
from appliance.rtp.g711 import Law
from appliance.sdp.media import Media, MediaKind, RemoteAddress
from appliance.sdp.negotiate import Described, Origin, describe, render_answer, render_offer

_LAWS = {law.value: law for law in Law}


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where a leg's media lives: the local address to open, what we call it outside, the host that
    the far end signals from, and our own SIP port, where no media may be sent."""

    host: str
    advertised_host: str
    far_host: str
    sip_port: int = 0

    def refuse_own_port(self, remote: RemoteAddress) -> None:
        """Raise MediaError ``media.hostile_address`` for a description that names our own SIP."""
        if remote.port == self.sip_port and remote.host in (self.host, self.advertised_host):
            raise MediaError("media.hostile_address", "media must not go to our own SIP port")


class LegMedia:
    """The media half of a SIP leg.

    is_behind_nat judges a far address that was described; owners: stream -> leg, for what the
    streams tell; leg: the leg's number, given by the leg; make_room: of an emergency call,
    ends another call for its ports, if there is one (LegParts).
    """

    __slots__ = (
        "_is_behind_nat",
        "_origin_id",
        "_owners",
        "_place",
        "_plane",
        "_version",
        "described",
        "leg",
        "local",
        "make_room",
        "stream",
    )

    def __init__(
        self,
        plane: MediaPlane,
        place: MediaPlace,
        origin_id: int,
        owners: dict[int, int],
        is_behind_nat: Callable[[str], bool],
    ) -> None:
        self._plane = plane
        self._place = place
        self._origin_id = origin_id
        self._version = 0
        self._owners = owners
        self.leg = 0
        self.make_room: Callable[[], bool] | None = None
        self._is_behind_nat = is_behind_nat
        self.stream: Stream | None = None
        self.described: Described | None = None
        self.local: Media | None = None

    def open(self) -> Stream:
        """The leg's stream, opened on first use; raises MediaError when no port is left."""
        if self.stream is None:
            self.stream = self._open()
            self._owners[self.stream.number] = self.leg
        return self.stream

    def _open(self) -> Stream:
        make_room = self.make_room
        while True:
            try:
                return self._plane.open(self._place.host, is_urgent=make_room is not None)
            except MediaError as error:
                if make_room is None or error.key != PORTS_EXHAUSTED or not make_room():
                    raise

    def read(self, body: bytes) -> Described:
        """A description from the far end, not yet in force; it must hold media that we carry.

        Raises RemoteProtocolError (488 where nothing in it is usable).
        """
        described = describe(body)
        is_hold = described.remote is None and self.described is not None
        if described.media is None or (described.remote is None and not is_hold):
            raise RemoteProtocolError("no usable media", status=488, section="RFC 3264 §6")
        return described

    def adopt(self, described: Described) -> Media:
        """Put the far end's description in force; returns its media.

        Raises MediaError for an address that must never be sent to.
        """
        assert described.media is not None
        previous = self.described
        is_moved = previous is None or previous.remote != described.remote
        if is_moved and described.remote is not None:
            self._place.refuse_own_port(described.remote)
            is_nat = self._is_behind_nat(described.remote.host)
            self.open().set_remote(
                described.remote, is_behind_nat=is_nat, signalled_from=self._place.far_host
            )
        if previous is None or previous.media != described.media:
            self._tell_stream(described.media)
        self.described = described
        return described.media

    def changes_nothing(self, described: Described) -> bool:
        """True when the far end's new description differs at most in its address."""
        return self.described is not None and self.described.media == described.media

    def offer(self, media: Media) -> bytes:
        """Our offer of this media from this leg's own address."""
        port = self.open().port
        return render_offer(media, self._place.advertised_host, port, self._next_origin(media))

    def answer(self, media: Media) -> bytes:
        """Our answer to the far end's last description."""
        assert self.described is not None
        port = self.open().port
        origin = self._next_origin(media)
        sections = self.described.sections
        return render_answer(media, sections, self._place.advertised_host, port, origin)

    @property
    def law(self) -> Law | None:
        """The G.711 that the far end hears; None where it agreed on none, or does not listen."""
        far = self.described.media if self.described is not None else None
        if far is None or self.local is None or not far.direction.receives:
            return None
        heard = {codec.payload_type for codec in far.codecs}
        for codec in self.local.codecs:
            if codec.payload_type in heard and codec.payload_type in _LAWS:
                return _LAWS[codec.payload_type]
        return None

    def warn(self, *, is_last: bool) -> None:
        """Let the far end hear over the talk that the call will be ended."""
        law = self.law
        if law is not None and self.stream is not None:
            octets = warning_octets(law, is_last=is_last)
            self.stream.play(octets, payload_type=law.value, repeats=False)

    def statistics(self) -> StreamStatistics | None:
        return self.stream.statistics() if self.stream is not None else None

    def close(self) -> None:
        if self.stream is not None:
            self._owners.pop(self.stream.number, None)
            self.stream.close()
            self.stream = None

    def _next_origin(self, media: Media) -> Origin:
        """The o= line's version grows only when the description does (RFC 3264 §8)."""
        if media is not self.local and media != self.local:
            self._version += 1
            self.local = media
        return Origin(self._origin_id, self._version)

    def _tell_stream(self, media: Media) -> None:
        events = [c.payload_type for c in media.codecs if c.name.lower() == "telephone-event"]
        clock = media.codecs[0].clock_rate_hz if media.codecs else 8000
        kind = PacketKind.UDPTL if media.kind is MediaKind.IMAGE else PacketKind.RTP
        self.open().describe(
            event_payload_type=events[0] if events else -1, clock_rate_hz=clock, kind=kind
        )
