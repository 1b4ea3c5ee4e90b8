/** A calendar leaf with a tick. Small, because clients of 2026-07-28 are sent it with every answer. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
  '<rect x="1" y="2" width="14" height="13" rx="2" fill="#1a7f5a"/>' +
  '<path d="M4 9l3 3 5-6" fill="none" stroke="#fff" stroke-width="2"/></svg>';

/** Who the protocol server says it is. */
export const serverInfo = {
  name: "cita-calendar",
  title: "Cita",
  version: "0.2.0",
  description:
    "Finds free times in a business's own calendar, and books, moves and cancels appointments in it.",
  icons: [
    {
      src: `data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}`,
      mimeType: "image/svg+xml",
      sizes: ["any"],
    },
  ],
};
