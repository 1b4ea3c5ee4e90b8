import { createHash } from "node:crypto";
import { type Html, html } from "@cita/http";

/** Our pages are text and one button: readable on any phone, without scripts, images or fonts. */
const style = `:root{color-scheme:light dark}
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:32rem;margin:0 auto;padding:1.5rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem;line-height:1.25}
.card{border:1px solid #d5d5d5;border-radius:.75rem;padding:1rem 1.25rem;margin:1.25rem 0}
.button{display:block;width:100%;box-sizing:border-box;padding:1rem;border:0;border-radius:.75rem;background:#0b57d0;color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
.small{font-size:.875rem;color:#595959}
@media(prefers-color-scheme:dark){body{color:#eee;background:#121212}.card{border-color:#444}.small{color:#b5b5b5}.button{background:#a8c7fa;color:#062e6f}}`;

/** For the Content-Security-Policy: the pages' only style, by its hash. */
export const styleHash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

export function renderPage(language: string, title: string, body: Html): string {
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return page.html;
}
