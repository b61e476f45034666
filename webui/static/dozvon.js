// What pages can do beyond reading and sending forms. Every page works without it but for its live parts.

import { watch } from "./live.js";

/** Copy the text of a button's data-copy; where there is no clipboard (plain http), by selection. */
async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

const HIDDEN = "••••••••";

/** Secrets are dots until somebody wants to see them. */
function hideSecrets(root) {
  for (const holder of root.querySelectorAll("[data-secret]:not([data-ready])")) {
    holder.dataset.ready = "";
    const code = holder.querySelector("code");
    const reveal = holder.querySelector("[data-reveal]");
    const secret = code.textContent;
    const show = (isShown) => {
      code.textContent = isShown ? secret : HIDDEN;
      reveal.setAttribute("aria-pressed", String(isShown));
    };
    reveal.addEventListener("click", () => show(reveal.getAttribute("aria-pressed") !== "true"));
    show(false);
  }
}

/** The drawing of a phone's keys follows what is typed beside it. */
function drawKeys(root) {
  for (const editor of root.querySelectorAll("[data-keys]")) {
    editor.addEventListener("input", (event) => {
      const place = event.target.name?.split(".")[1];
      const drawn = place && editor.querySelector(`[data-key="${place}"]`);
      if (!drawn) return;
      const typed = (name) => editor.querySelector(`[name="${name}.${place}"]`).value.trim();
      drawn.className = typed("kind");
      drawn.firstElementChild.textContent = typed("label") || typed("value");
    });
  }
}

/** What only a script can do is hidden until one runs. */
export function wake(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-reveal], [data-print]")) button.hidden = false;
  hideSecrets(root);
  drawKeys(root);
}

/** Put another text in place of a part; what somebody opened in it stays open, and the focus stays. */
function renew(target, html) {
  const before = [...target.querySelectorAll("details")];
  const focused = before.findIndex((each) => each.contains(document.activeElement));
  target.innerHTML = html;
  target.querySelectorAll("details").forEach((each, place) => {
    each.open = before[place]?.open ?? false;
    if (place === focused) each.querySelector("summary").focus();
  });
}

/** A form with data-preview: its fields, sent as they change; the answer replaces the preview. */
function preview(form) {
  const target = document.getElementById(form.dataset.previewInto);
  let pending = null;
  let timer = 0;
  const ask = async () => {
    pending?.abort();
    pending = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST", body: new URLSearchParams(new FormData(form)), signal: pending.signal,
      });
      if (answer.ok) {
        renew(target, await answer.text());
        wake(target);
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
}

/** A select with data-guess="timezone" chooses the browser's own zone, if it offers it. */
function guessTimezone(select) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === zone)) select.value = zone;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  if (event.target.closest("[data-print]")) print();
});

/** Send a form as if this button had sent it: submit() alone leaves out what the button asks for. */
function submitAs(form, button) {
  const asked = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
  form.append(asked);
  form.submit();
  asked.remove(); // a page that is gone back to has its other buttons
}

/** A button with data-into: its form is sent, and the answer put where it says; the page stays. */
async function sendInto(form, button) {
  const target = document.getElementById(button.dataset.into);
  const body = new URLSearchParams(new FormData(form));
  body.append(button.name, button.value);
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Fragment": "1" } });
    if (!answer.ok) return submitAs(form, button);
    target.innerHTML = await answer.text();
    wake(target);
  } catch {
    target.textContent = button.dataset.unreachable; // what was typed is still there
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
  return undefined;
}

document.addEventListener("submit", (event) => {
  if (event.submitter?.dataset.into) {
    event.preventDefault();
    sendInto(event.target, event.submitter);
    return;
  }
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  // A second press must not send the form again.
  const button = event.submitter;
  if (button) setTimeout(() => button.setAttribute("aria-busy", "true"));
});
/** A message that is played is heard: the form of its row that says so is sent, once. */
async function markHeard(player) {
  const row = player.closest("tr");
  const form = row?.querySelector('input[name="heard"][value="yes"]')?.form;
  if (!form || player.dataset.told) return;
  player.dataset.told = "";
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") row.querySelector(".pill.busy")?.remove();
  else delete player.dataset.told;
}

document.addEventListener("play", (event) => {
  if (event.target.matches("audio")) markHeard(event.target);
}, true);

/** Escape closes the menu of a small window, and the focus is where it was opened. */
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" ? event.target.closest("details.menu[open]") : null;
  const button = menu?.querySelector("summary");
  if (!button?.checkVisibility()) return;
  menu.open = false;
  button.focus();
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

wake(document);
document.querySelectorAll("form[data-preview]").forEach(preview);
document.querySelectorAll("select[data-guess=timezone]").forEach(guessTimezone);
document.querySelector("[data-focus]")?.focus();
document.querySelectorAll("[data-live]").forEach((root) => watch(root, wake));
