"""The notifier: who subscribed to what, and a NOTIFY as soon as it is otherwise (RFC 6665 §4.2).

Owns every subscription (subscription_book.py), the names that were touched since the last look, and
two alarms. What is told comes from event packages; who may subscribe at all was decided before
(digest). Nothing is kept on disk: after a restart a refresh is answered with 481, and the phone
subscribes anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.clock import Alarm
from appliance.config.model import Document, Extension, Snapshot
from appliance.legs.event_packages import Package, Reader
from appliance.legs.parts import LegParts
from appliance.legs.phone import bracket
from appliance.legs.requests import Requests
from appliance.legs.subscription_book import SubscriptionBook
from appliance.sip.dialog import contact_uri
from appliance.sip.events import (
    Credentials,
    FailureCause,
    Hop,
    RequestReceived,
    ResponseReceived,
)
from appliance.sip.message import Request
from appliance.sip.subscription import (
    GONE,
    Act,
    Asked,
    Input,
    State,
    Subscription,
    dialog_of_subscribe,
    read_subscribe,
    refresh_dialog,
)

log = logging.getLogger(__name__)
#: Changes within this time make one NOTIFY: a call that is routed, rings and is refused at once
#: makes three in a few milliseconds.
COALESCE_S = 0.1
_DEFAULT_S = 3600  # RFC 4235 §3.4, RFC 3856 §6.4, RFC 3842 §3.4
_SWEEP_S = 5.0
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NotifierTools:
    """packages: by the name that Event says; snapshot: the revision in force; way: where the phone
    of an extension with this Contact has registered from, or None; alert: tells the owner."""

    parts: LegParts
    requests: Requests
    packages: Mapping[str, Package]
    snapshot: Callable[[], Snapshot]
    way: Callable[[str, str], Hop | None]
    alert: Callable[[str, str], None]


class Notifier:
    """``subscribe`` takes SUBSCRIBEs, ``touched`` hears what may have changed."""

    def __init__(self, tools: NotifierTools) -> None:
        self._tools = tools
        self._parts = tools.parts
        self._book = SubscriptionBook(tools.alert)
        self._touched: set[str] = set()
        self._is_stopping = False
        self._flush_alarm: Alarm | None = None
        self._sweep_alarm: Alarm | None = None
        self.allow_events = ", ".join(sorted(tools.packages))

    def __len__(self) -> int:
        """How many subscriptions there are."""
        return len(self._book)

    def count_of(self, watcher: str, host: str = "") -> int:
        """How many subscriptions this extension's phones have, at all hosts or at one."""
        mine = self._book.of_watcher(watcher)
        return sum(host in ("", subscription.dialog.hop.host) for subscription in mine)

    def start(self) -> None:
        self._sweep()

    def close(self) -> None:
        """Forget all without a word."""
        for alarm in (self._flush_alarm, self._sweep_alarm):
            if alarm is not None:
                alarm.cancel()
        self._book.clear()

    # ---- SUBSCRIBE

    def knows(self, request: Request) -> bool:
        """Whether this SUBSCRIBE is a first one, or of a dialog that is known."""
        return not request.to.tag or self._book.of_request(request) is not None

    def subscribe(self, event: RequestReceived, extension: Extension) -> None:
        """Take the SUBSCRIBE of an extension that proved itself, or refuse it.

        Raises RemoteProtocolError for one that cannot be read.
        """
        if self._is_stopping:
            self._parts.endpoint.ignore(event.transaction)
            return
        request = event.request
        asked = read_subscribe(request)
        refusal = self._refusal(asked, extension.number)
        if refusal is not None:
            self._respond(event, *refusal)
            return
        expires_s, site = _wanted(asked), self._tools.snapshot().document.site
        if 0 < expires_s < min(site.registration_min_s, _DEFAULT_S):
            self._respond(event, 423, (("Min-Expires", str(site.registration_min_s)),))
            return
        expires_s = min(expires_s, site.registration_max_s)
        if request.to.tag:
            self._refresh(event, asked, extension.number, expires_s)
        else:
            self._begin(event, asked, extension.number, expires_s)

    def _refusal(self, asked: Asked, watcher: str) -> tuple[int, Headers] | None:
        package = self._tools.packages.get(asked.package)
        if package is None:
            return 489, (("Allow-Events", self.allow_events),)
        kinds = (package.content_type, package.content_type.partition("/")[0] + "/*", "*/*")
        if asked.accepts and not any(kind in asked.accepts for kind in kinds):
            return 406, (("Accept", package.content_type),)
        return None if package.may_watch(watcher, asked.resource) else (403, ())

    def _begin(self, event: RequestReceived, asked: Asked, watcher: str, expires_s: int) -> None:
        tag = self._parts.ids.token(64)
        dialog = dialog_of_subscribe(event.request, event.source, tag)
        if expires_s and not self._has_room(watcher, asked, contact_uri(event.request)):
            log.warning("extension %s subscribes to too much", watcher)
            self._respond(event, 403, (("Warning", '399 dozvon "Too Many Subscriptions"'),))
            return
        expires_at = self._parts.clock.now() + expires_s
        subscription = Subscription(dialog, asked, watcher, expires_at)
        self._accept(event, expires_s, tag)
        if expires_s:
            self._book.add(subscription)
            self._handle(subscription, Input.ASKED)
        else:  # RFC 6665 §4.4.3: it is told once
            self._end(subscription, "timeout")

    def _refresh(self, event: RequestReceived, asked: Asked, watcher: str, expires_s: int) -> None:
        request = event.request
        known = self._book.of_request(request)
        if known is None or known.watcher != watcher or known.asked.event != asked.event:
            self._respond(event, 481)
            return
        if not known.dialog.is_in_order(request.cseq.number):
            self._respond(event, 500)
            return
        refresh_dialog(known.dialog, request, event.source)
        known.expires_at = self._parts.clock.now() + expires_s
        self._accept(event, expires_s)
        if expires_s:
            self._handle(known, Input.ASKED)
        else:
            self._end(known, "timeout")

    def _has_room(self, watcher: str, asked: Asked, target: str) -> bool:
        """Whether one more can be kept, after another one has given way where it must."""
        is_room, victim = self._book.makes_room(watcher, asked, target)
        if victim is not None:
            is_own = victim.watcher == watcher
            self._end(victim, "deactivated" if is_own else "rejected")
        return is_room

    # ---- what changes

    def touched(self, name: str) -> None:
        """Something that lamps may show has changed at this number, trunk or line."""
        if self._book.of_resource(name):
            self._touched.add(name)
            if self._flush_alarm is None:
                self._flush_alarm = self._parts.clock.call_later(COALESCE_S, self._flush)

    def configure(self, document: Document) -> None:
        """Follow new settings: who is no extension any more watches nothing; names may differ."""
        for watcher in self._book.watchers():
            extension = document.extension_by_number.get(watcher)
            if extension is None or not extension.is_enabled:
                for subscription in tuple(self._book.of_watcher(watcher)):
                    self._end(subscription, "rejected")
        for name in self._book.resources():
            self.touched(name)

    def end_all(self) -> None:
        """The box stops: phones shall subscribe anew at once (RFC 6665 §4.1.3), and are answered
        when it is there again. (Told ``probation``, some stay away for five minutes.)"""
        self._is_stopping = True
        for subscription in self._book.all():
            self._end(subscription, "deactivated")

    def _flush(self) -> None:
        self._flush_alarm = None
        touched, self._touched = self._touched, set()
        for name in touched:
            seen: dict[str, object] = {}
            for subscription in tuple(self._book.of_resource(name)):
                package = subscription.asked.package
                if package not in seen:
                    seen[package] = self._tools.packages[package].look(name)
                if seen[package] != subscription.told:
                    self._handle(subscription, Input.CHANGED)

    def _sweep(self) -> None:
        self._sweep_alarm = self._parts.clock.call_later(_SWEEP_S, self._sweep)
        now = self._parts.clock.now()
        for subscription in self._book.all():
            if subscription.expires_at <= now:
                self._end(subscription, "timeout")

    # ---- NOTIFY

    def _end(self, subscription: Subscription, reason: str) -> None:
        """It is over: the last NOTIFY says why, as soon as none is under way."""
        self._book.remove(subscription)
        subscription.reason = reason
        self._handle(subscription, Input.ENDED)

    def _handle(self, subscription: Subscription, what: Input) -> None:
        if subscription.handle(what) is not Act.NOTHING:
            self._notify(subscription)
        elif subscription.state is State.OVER:
            self._book.remove(subscription)

    def _notify(self, subscription: Subscription) -> None:
        asked, dialog = subscription.asked, subscription.dialog
        if dialog.keeps_hop or dialog.hop.connection:
            # REGISTER comes more often than a refresh: it knows the NAT's new port, the new stream.
            dialog.hop = self._tools.way(subscription.watcher, dialog.remote_target) or dialog.hop
        package = self._tools.packages[asked.package]
        host, port = self._parts.addresses.sip_address(dialog.hop)
        own = bracket(host)
        seen = package.look(asked.resource)
        request = dialog.request("NOTIFY")
        request.body = package.write(seen, _reader(subscription, own))
        for name, value in (
            ("Contact", f"<sip:{own}:{port}>"),
            ("Event", asked.event),
            ("Subscription-State", subscription.header(self._parts.clock.now())),
            ("Content-Type", package.content_type),
        ):
            request.headers.add(name, value)
        subscription.told = seen
        subscription.version += 1
        self._tools.requests.send_in_dialog(
            dialog,
            request,
            self._credentials(subscription.watcher),
            lambda said, cause: self._answered(subscription, said, cause),
        )

    def _credentials(self, watcher: str) -> Credentials | None:
        """Some phones challenge what comes in; they know the account's password alone."""
        extension = self._tools.snapshot().document.extension_by_number.get(watcher)
        return Credentials(watcher, extension.secret) if extension is not None else None

    def _answered(
        self,
        subscription: Subscription,
        said: ResponseReceived | None,
        cause: FailureCause | None,
    ) -> None:
        if cause is FailureCause.TRANSPORT and subscription.dialog.lose_stream():
            self._handle(subscription, Input.CHANGED)  # the news is taken where the phone listens
            self._handle(subscription, Input.TAKEN)
        elif said is None or said.response.status in GONE:
            why = said.response.status if said is not None else cause
            log.info("a subscription of %s is over: %s", subscription.watcher, why)
            self._handle(subscription, Input.LOST)
        else:
            self._handle(subscription, Input.TAKEN)

    # ---- help

    def _accept(self, event: RequestReceived, expires_s: int, tag: str = "") -> None:
        host, port = self._parts.addresses.sip_address(event.source)
        contact = f"<sip:{bracket(host)}:{port}>"
        headers = (("Contact", contact), ("Expires", str(expires_s)))
        self._respond(event, 200, headers, tag)

    def _respond(
        self, event: RequestReceived, status: int, headers: Headers = (), tag: str = ""
    ) -> None:
        now = self._parts.clock.now()
        self._parts.endpoint.respond(event.transaction, status, headers=headers, tag=tag, now=now)


def _reader(subscription: Subscription, own: str) -> Reader:
    asked, version = subscription.asked, subscription.version
    told = subscription.told
    return Reader(subscription.watcher, asked.resource, asked.entity, version, own, told)


def _wanted(asked: Asked) -> int:
    return _DEFAULT_S if asked.expires_s is None else asked.expires_s
