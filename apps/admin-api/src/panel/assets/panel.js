/** What the pages do in the browser beyond htmx. Every page works without it. */

/** `<button data-copy="#id">` copies the value or the text of an element, and says so on itself for two seconds. */
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => {
    label.textContent = before;
  }, 2_000);
});

/** `<form data-confirm="…">` asks before it is sent. */
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question !== undefined && !window.confirm(question)) event.preventDefault();
});

/** A field that is filled by what another one says, until it is edited: `data-slug-of="field-name"`. */
document.addEventListener("input", (event) => {
  if (event.target.dataset.slugOf !== undefined) event.target.dataset.isEdited = "yes";
  const slug = document.querySelector(`[data-slug-of="${event.target.id}"]:not([data-is-edited])`);
  if (slug === null) return;
  slug.value = event.target.value
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);
});
