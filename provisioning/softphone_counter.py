"""A softphone comes with its link: its account in its own format, once; nothing the second time.

Owns nothing: the daemon made the link and says what it is worth (appliance/phones/softphones.py).
It is used up just before the file goes out, and by that alone: not by a browser that opens it to
look, not by a HEAD, not by a file that cannot be written. No hardware address is asked for: a
mobile phone makes one up for each network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from appliance.config.model import Snapshot
from provisioning import link_pages
from provisioning.api import Identity, Rendered, Request
from provisioning.counter_parts import CounterParts, Given
from provisioning.disclosure import Facts, Link, Verdict, decide
from provisioning.settings import settings_of_softphone
from provisioning.shapes import Brand, SoftphoneForm

#: In front of a file's name: a person wants to see it in his browser.
OPENED = "/open"
_BROWSER = "Mozilla/"


@dataclass(frozen=True, slots=True)
class _Told:
    """The daemon's answer to ``softphone_facts``, with the settings in force."""

    link: Link
    app: str
    extension: str
    sip_port: int
    snapshot: Snapshot

    @property
    def language(self) -> str:
        return self.snapshot.document.site.language


class SoftphoneCounter:
    """``await serve(request, box_host)``: who asks (its brand), and what it is given."""

    def __init__(self, parts: CounterParts) -> None:
        self._parts = parts

    async def serve(self, request: Request, box_host: str) -> tuple[Identity | None, Given]:
        """Raises DaemonGone."""
        told = await self._ask(request)
        brand = self._parts.brands.softphones().get(told.app)
        form = brand.softphone if brand else None
        is_open = request.path.startswith(f"{OPENED}/") and form is not None and form.by_browser
        name = request.path.removeprefix(OPENED) if is_open else request.path
        facts = Facts(
            is_enabled=told.snapshot.document.provisioning.is_enabled,
            transport=request.transport,
            link=told.link,
            is_look=form is not None and _looks(request, form, is_open),
        )
        verdict = decide(facts)
        if brand is None or verdict not in (Verdict.LINK, Verdict.LINK_SHOWN):
            return None, _refused(verdict, told.language)
        identity = Identity(brand=brand.name, reason="identify.by_link")
        settings = settings_of_softphone(
            told.snapshot, told.extension, box_host, told.sip_port, brand.name
        )
        rendered = self._parts.brands.render(identity, settings, name)
        if rendered is None and (refused := self._parts.brands.refused):
            return identity, Given(decide(replace(facts, is_unwritable=True)), refused=refused)
        if rendered is None or not settings.accounts:
            return identity, Given(Verdict.UNKNOWN)
        if verdict is Verdict.LINK_SHOWN:
            return identity, Given(verdict, _page(brand, name, told.language))
        used = await self._parts.daemon.ask("softphone_used", {"token": request.link})
        if not used["is_first"]:  # somebody else was quicker
            return identity, _refused(Verdict.LINK_USED, told.language)
        return identity, Given(verdict, rendered)

    async def _ask(self, request: Request) -> _Told:
        told = await self._parts.daemon.ask("softphone_facts", {"token": request.link})
        snapshot = self._parts.snapshot(told["revision"])
        link = Link(told["state"])
        return _Told(link, told["app"], told["extension"], told["sip_port"], snapshot)


def _looks(request: Request, form: SoftphoneForm, is_open: bool) -> bool:
    """Whether somebody only wants to know what there is, and not the program to have it."""
    is_for_eyes = form.by_browser or request.user_agent.startswith(_BROWSER)
    return request.method == "HEAD" or (is_for_eyes and not is_open)


def _page(brand: Brand, name: str, language: str) -> Rendered:
    show = f"{OPENED[1:]}{name}" if brand.softphone and brand.softphone.by_browser else ""
    body = link_pages.page(brand.title, language, show)
    return Rendered(path=name, content_type=link_pages.HTML, body=body)


def _refused(verdict: Verdict, language: str) -> Given:
    why = {Verdict.LINK_USED: "used", Verdict.LINK_LATE: "late"}.get(verdict, "")
    return Given(verdict, said=link_pages.refusal(why, language) if why else b"")
