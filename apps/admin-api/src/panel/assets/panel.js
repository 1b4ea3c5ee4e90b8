/** What the pages do in the browser beyond htmx. Every page works without it. */

const copiedMs = 2_000;

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-copy]") : null;
  if (button instanceof HTMLButtonElement) void copy(button);
});

/** What was typed into `<form data-unsaved>` and not saved yet, such as one that was sent and refused: `="typed"`. */
let isUnsaved = document.querySelector('form[data-unsaved="typed"]') !== null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (isConfirmed(form)) isUnsaved = false;
  else event.preventDefault();
});

document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement) fillFollower(event.target);
  isUnsaved ||= event.target instanceof Element && event.target.closest("form[data-unsaved]") !== null;
});

window.addEventListener("beforeunload", (event) => {
  if (isUnsaved) event.preventDefault();
});

// htmx swaps the answers to failed requests too, and what `hx-select` doesn't find in one is replaced by nothing: a form
// with all that was typed. Such an answer leaves the page as it is, and says what is wrong at its edge.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = /** @type {CustomEvent} */ (event).detail;
  const { sourceElement, select, response, text } = ctx;
  if (response.status < 400 && (!select || tasks.some(hasContent))) {
    isUnsaved ||= sourceElement.closest("form[data-unsaved]") !== null;
    // What follows by itself, such as a preview, takes nothing back.
    if (select) tell(null);
    return;
  }
  const token = response.headers.get("x-csrf-token");
  if (token !== null) renewTokens(token);
  const said = new DOMParser().parseFromString(text, "text/html").querySelector("body > .note");
  // What is no part of a page says it in its own place.
  if (said !== null && !select) return;
  event.preventDefault();
  if (!isFollowing(sourceElement)) tell(said ?? unanswered());
});

document.addEventListener("htmx:error", (event) => {
  const { ctx } = /** @type {CustomEvent} */ (event).detail;
  if (ctx !== undefined && !isFollowing(ctx.sourceElement)) tell(unanswered());
});

// Without a session a page that follows changes would connect again for good.
document.addEventListener("htmx:sse:error", (event) => {
  const { status, connection } = /** @type {CustomEvent} */ (event).detail;
  if (status === 401) connection.config.reconnect = false;
});

const yearMs = 31_536_000_000;

// Times are those of the device from the next page on. Browsers have cookies to be set by scripts on secure pages only.
void globalThis.cookieStore?.set({
  name: "cita_zone",
  value: encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone),
  ...{ path: "/", sameSite: "lax", expires: Date.now() + yearMs },
});

// On a phone not all tabs are in view. By hand: `scrollIntoView` takes the place from which Tab goes on along.
const tab = document.querySelector(".tabs [aria-current]");
const tabs = tab?.closest(".tabs");
if (tab instanceof HTMLElement && tabs instanceof HTMLElement)
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.clientWidth) / 2;

/** @param {Element} element */
function isFollowing(element) {
  return element.hasAttribute("hx-sse:connect");
}

/** @param {{ readonly fragment: DocumentFragment }} task */
function hasContent({ fragment }) {
  return fragment.childElementCount > 0;
}

/**
 * Says something at the page's edge, wherever it is scrolled to.
 * @param {Node | null} said null: nothing any more.
 */
function tell(said) {
  document.querySelector("#told")?.replaceChildren(...(said === null ? [] : [said]));
}

/** Of an answer that isn't the panel's, such as a proxy's, and of none. */
function unanswered() {
  const template = document.querySelector("#unanswered");
  return template instanceof HTMLTemplateElement ? template.content.cloneNode(true) : null;
}

/**
 * The page's forms are of the session that the person has begun in another tab from now on.
 * @param {string} token
 */
function renewTokens(token) {
  for (const field of document.querySelectorAll("input[name=csrf]"))
    if (field instanceof HTMLInputElement) field.value = token;
}

/**
 * `<button data-copy="#id" data-copied="Copied">` copies the value or the text of an element, and says so on itself.
 * @param {HTMLButtonElement} button
 */
async function copy(button) {
  const source = document.querySelector(button.dataset.copy ?? "");
  if (source === null) return;
  const isField = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement;
  await navigator.clipboard.writeText(isField ? source.value : (source.textContent ?? ""));
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? before;
  setTimeout(() => {
    label.textContent = before;
  }, copiedMs);
}

/**
 * `<form data-confirm="…">` asks before it is sent.
 * @param {HTMLFormElement} form
 */
function isConfirmed({ dataset: { confirm } }) {
  return confirm === undefined || window.confirm(confirm);
}

/**
 * `<input data-slug-of="id">` follows what is typed into another field, until it is edited itself.
 * @param {HTMLInputElement} edited
 */
function fillFollower(edited) {
  if (edited.dataset.slugOf !== undefined) edited.dataset.isEdited = "yes";
  const follower = document.querySelector(`[data-slug-of="${edited.id}"]:not([data-is-edited])`);
  if (!(follower instanceof HTMLInputElement)) return;
  follower.value = edited.value
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);
}
