"""The counter: one request of a phone in, its file or a refusal out; the same for TFTP and HTTP.

Owns the throttle. Who asks is told by ``identify`` and the kernel's table of neighbours, what the
daemon knows of the device by the control socket, what may be said by disclosure.py, and the file by
``render``. Every answer is reported to the daemon, which keeps the log of requests. Writes nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
from dataclasses import replace

from appliance.config.model import Document, Snapshot
from provisioning.api import Identity, NeutralSettings, Request
from provisioning.counter_parts import CounterParts, Given
from provisioning.credentials import Proof, judge
from provisioning.daemon_link import DaemonGone
from provisioning.device import Device, device_of
from provisioning.disclosure import MISSES, Facts, Verdict, decide
from provisioning.neighbours import is_loopback
from provisioning.settings import settings_of, settings_of_guest, settings_of_nobody
from provisioning.softphone_counter import SoftphoneCounter
from provisioning.throttle import MOST_OF_NETWORK, Throttle, network_of

log = logging.getLogger(__name__)


class Counter:
    """``await serve(request, box)`` gives the answer. box: our own address as the phone sees it,
    and the URL that the phone reached us by."""

    def __init__(self, parts: CounterParts) -> None:
        self._parts = parts
        self._throttle = Throttle()
        self._softphones = SoftphoneCounter(parts)

    async def serve(self, request: Request, box: tuple[str, str]) -> Given:
        """Never raises: what breaks is answered by nothing and logged."""
        snapshot = self._parts.snapshot(None)
        if not is_local(request.source_host, snapshot.document):
            return Given(Verdict.OUTSIDE)
        source = f"{request.transport.value} {request.source_host}"
        if self._is_throttled(source, request):
            return Given(Verdict.THROTTLED)
        identity, device = None, Device(revision=None)
        try:
            request = replace(request, source_mac=await self._parts.neighbour(request.source_host))
            if request.link:
                identity, given = await self._softphones.serve(request, box[0])
            else:
                identity = self._parts.brands.identify(request)
                if identity and self._parts.trusts_loopback and is_loopback(request.source_host):
                    request = replace(request, source_mac=identity.mac)
                given, device = await self._decide(request, identity, box)
        except DaemonGone as gone:
            log.warning("a phone at %s waits: no daemon (%s)", request.source_host, gone)
            return Given(Verdict.UNAVAILABLE)
        except Exception:
            log.exception("what %s asked for broke us: %s", request.source_host, request.path)
            given = Given(Verdict.UNAVAILABLE)
        self._count(source, request, given)
        await self._report(request, identity, given, device)
        return given

    # ---- the decision

    async def _decide(
        self, request: Request, identity: Identity | None, box: tuple[str, str]
    ) -> tuple[Given, Device]:
        device = await self._device(request, identity)
        snapshot = self._parts.snapshot(device.revision)
        proof = self._proof(request, identity.mac if identity else "", device)
        facts = self._facts(request, identity, device, snapshot.document, proof)
        verdict = decide(facts)
        is_stale = proof is Proof.STALE
        if identity is None or verdict not in _SERVED:
            return Given(verdict), device
        settings = self._settings(verdict, identity, device, snapshot, box)
        rendered = self._parts.brands.render(identity, settings, request.path)
        if rendered is None and (refused := self._parts.brands.refused):
            verdict = decide(replace(facts, is_unwritable=True))
            return Given(verdict, refused=refused), device
        if verdict is Verdict.CHALLENGE and rendered is not None and not rendered.has_secrets:
            verdict = Verdict.PLAIN  # nothing in it is worth a question
        told = None if verdict is Verdict.CHALLENGE else rendered
        return Given(verdict, told, is_stale, revision=snapshot.revision), device

    async def _device(self, request: Request, identity: Identity | None) -> Device:
        if identity is None or not identity.mac or self._is_softphone(identity):
            return Device(revision=None)
        asked = {
            "mac": identity.mac,
            "seen_mac": request.source_mac,
            "host": request.source_host,
            "brand": identity.brand,
            "model": identity.model,
            "firmware": identity.firmware,
        }
        return device_of(await self._parts.daemon.ask("phone_facts", asked))

    def _facts(
        self,
        request: Request,
        identity: Identity | None,
        device: Device,
        document: Document,
        proof: Proof,
    ) -> Facts:
        mac = identity.mac if identity else ""
        phone = document.phone_by_mac.get(mac)
        settings = document.provisioning
        return Facts(
            is_enabled=settings.is_enabled,
            is_identified=identity is not None and not self._is_softphone(identity),
            transport=request.transport,
            may_tftp=self._may_tftp(settings.tftp, identity),
            claimed=mac,
            seen=request.source_mac,
            is_known=phone is not None and phone.is_enabled and bool(phone.extensions),
            is_switched_off=phone is not None and not phone.is_enabled,
            has_window=device.has_window,
            has_secret=device.is_delivered,
            has_spoken_http=device.has_spoken_http,
            proof=proof,
            gives_guests=settings.gives_guests and device.guest is not None,
            waits_for_key=settings.opens_by_key and device.guest is not None,
        )

    def _is_softphone(self, identity: Identity) -> bool:
        """A program that has an account by its link, and by nothing else."""
        return identity.brand in self._parts.brands.softphones()

    def _may_tftp(self, rule: str, identity: Identity | None) -> bool:
        if rule == "needed":
            return identity is not None and self._parts.brands.needs_tftp(identity)
        return rule == "all"

    def _proof(self, request: Request, mac: str, device: Device) -> Proof:
        """By the URL first: whoever has its secret need not know the credentials as well."""
        if not device.secret:
            return Proof.NONE
        if hmac.compare_digest(request.url_secret.encode(), device.secret.encode()):
            return Proof.RIGHT
        expected = (mac, device.secret)
        parts = self._parts
        proof = judge(request.credentials, request.method, expected, parts.key, parts.now())
        return Proof.WRONG if proof is Proof.NONE and request.url_secret else proof

    def _settings(
        self,
        verdict: Verdict,
        identity: Identity,
        device: Device,
        snapshot: Snapshot,
        box: tuple[str, str],
    ) -> NeutralSettings:
        facts = device.facts(identity, box)
        if verdict is Verdict.GUEST and device.guest is not None:
            has_key = identity.mac in snapshot.document.phone_by_mac
            return settings_of_guest(snapshot, device.guest, facts, has_key=has_key)
        phone = snapshot.document.phone_by_mac.get(identity.mac)
        if phone is None:
            return settings_of_nobody(snapshot, facts)
        settings = settings_of(snapshot, phone, facts)
        return (
            settings if verdict in (Verdict.FULL, Verdict.CHALLENGE) else settings.without_secrets()
        )

    # ---- afterwards

    def _count(self, source: str, request: Request, given: Given) -> None:
        if given.verdict not in MISSES:
            return
        question = request.path
        if given.verdict is Verdict.WRONG_PROOF:
            question += request.credentials + request.url_secret
        question += request.link
        now = self._parts.now()
        self._throttle.missed(source, question, now)
        if network := network_of(source, request.source_host):
            self._throttle.missed(network, question, now, MOST_OF_NETWORK)

    def _is_throttled(self, source: str, request: Request) -> bool:
        network = network_of(source, request.source_host)
        now = self._parts.now()
        return self._throttle.is_throttled(source, now) or (
            network != "" and self._throttle.is_throttled(network, now)
        )

    async def _report(
        self, request: Request, identity: Identity | None, given: Given, device: Device
    ) -> None:
        source = f"{request.transport.value} {request.source_host}"
        is_told = given.rendered is not None and request.method != "HEAD"
        report = {
            "host": request.source_host,
            "seen_mac": request.source_mac,
            "mac": identity.mac if identity else "",
            "brand": identity.brand if identity else "",
            "model": identity.model if identity else "",
            "firmware": identity.firmware if identity else "",
            "reason": identity.reason if identity else "",
            "alarms": list(identity.alarms) if identity else [],
            "hint": self._parts.brands.hint(request, identity),
            "path": f"{'/s/…' if request.link else ''}{request.path}"[:255],
            "user_agent": request.user_agent,
            "transport": request.transport.value,
            "is_tls": request.is_tls,
            "verdict": given.verdict.value,
            "octets": len(given.rendered.body) if given.rendered and is_told else 0,
            "has_secrets": bool(given.rendered and given.rendered.has_secrets and is_told),
            "refused": given.refused,
            "is_throttled": self._is_throttled(source, request),
            "revision": given.revision,
        }
        try:
            await self._parts.daemon.ask("phone_asked", report)
        except DaemonGone as gone:
            log.warning("a request was not noted: %s", gone)


_SERVED = frozenset({Verdict.PUBLIC, Verdict.FULL, Verdict.CHALLENGE, Verdict.PLAIN, Verdict.GUEST})


def is_local(host: str, document: Document) -> bool:
    """Whether an address belongs to one of the office's networks."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    networks = (ipaddress.ip_network(n, strict=False) for n in document.site.local_networks)
    return any(address.version == n.version and address in n for n in networks)
