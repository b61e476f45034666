// Live parts: the server sends fragments of this page as they change (server-sent events).

const RETRY_MS = 10_000;
const banner = document.querySelector("[data-live-banner]");

function say(text) {
  if (!banner) return;
  banner.hidden = !text;
  banner.querySelector("span").textContent = text;
}

/** Follow the stream named by data-live; each part below root that is told of is replaced. */
export function watch(root, wake) {
  const show = (id, html) => {
    const part = [...root.querySelectorAll("[data-part]")].find((each) => each.dataset.part === id);
    // A field that somebody is using is not torn away under his hands.
    if (!part || part.contains(document.activeElement)) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    // The part itself says whether its changes are told: a notice in it must not speak up each time.
    for (const each of fresh.content.querySelectorAll("[role=alert], [role=status]")) each.removeAttribute("role");
    part.replaceChildren(fresh.content);
    wake(part);
  };

  /** When no stream is to be had: ask once, and again later. One timer: however often one looks
      away and back, one question waits. */
  let timer = 0;
  const askLater = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, RETRY_MS);
  };
  const ask = async () => {
    try {
      const address = new URL(root.dataset.live, location);
      address.searchParams.set("once", "1");
      const answer = await fetch(address);
      if (answer.status === 401) return location.reload();
      const said = await answer.json();
      say(said.down ?? "");
      for (const [id, html] of Object.entries(said.parts ?? {})) show(id, html);
    } finally {
      if (source.readyState === EventSource.CLOSED) askLater();
    }
  };

  let source = null;
  const listen = () => {
    clearTimeout(timer);
    source = new EventSource(root.dataset.live);
    source.addEventListener("part", (event) => {
      const { id, html } = JSON.parse(event.data);
      say("");
      show(id, html);
    });
    source.addEventListener("down", (event) => say(JSON.parse(event.data).text));
    source.addEventListener("up", () => say(""));
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) askLater();
    });
  };
  listen();

  // A page that nobody sees holds no place.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      source.close();
    } else if (source.readyState === EventSource.CLOSED) listen();
  });
  addEventListener("pagehide", () => source.close());
}
