import { createHash } from "node:crypto";
import { type Html, html } from "@cita/http";
import { type Brand, brandMark, type Palette } from "@cita/http/brand";
import type { Language } from "./provider-words.ts";

export type Frame = {
  /** The hash of the pages' only style, for the Content-Security-Policy. */
  readonly styleHash: string;
  readonly render: (language: Language, page: FramedPage) => string;
};

export type FramedPage = {
  readonly title: string;
  readonly body: Html;
  /** What a chat shows of the page's address. */
  readonly card?: Html | undefined;
  /** What a symbol above the title says. Without one there is none. */
  readonly outcome?: "done" | "attention" | undefined;
};

/** The operator's name and logo above one card. @param furtherStyle for what only some pages have. */
export function createFrame(brand: Brand, furtherStyle = ""): Frame {
  const style = toStyle(brand.palette) + furtherStyle;
  const head = html`<header class="brand">${brandMark(brand)}<span><bdi>${brand.name}</bdi></span></header>`;
  return {
    styleHash: `'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    render: (language, { title, body, card, outcome }) =>
      html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
${card}<link rel="icon" href="data:,">
<style>${{ html: style }}</style>
</head>
<body>
${head}
<main>
${outcome !== undefined && symbols[outcome]}<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html,
  };
}

const symbol = (name: string, path: string): Html => ({
  html: `<svg class="symbol ${name}" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/><path d="${path}"/></svg>\n`,
});

const symbols = {
  done: symbol("done", "M7 12.5l3.5 3.5L17 9"),
  attention: symbol("attention", "M12 6.5v7M12 17v.5"),
};

/** Readable on any phone, without scripts, fonts or images but the logo. The sizes and greys are the panel's. */
function toStyle({ light, dark }: Palette): string {
  const tones = ({ accent, fill, fillHover, onFill }: Palette["light"]) =>
    `--accent:${accent};--fill:${fill};--hover:${fillHover};--on:${onFill}`;
  return `:root{color-scheme:light dark;--paper:#fbfaf8;--surface:#fff;--line:#e6e2da;--ink:#1d1b18;--soft:#5c574e;--good:#17653d;--wait:#79520a;${tones(light)}}
@media(prefers-color-scheme:dark){:root{--paper:#141412;--surface:#1d1c1a;--line:#35332f;--ink:#f1eee8;--soft:#b3ada1;--good:#8fd8ab;--wait:#efc36f;${tones(dark)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:33rem;min-height:100vh;padding:1.25rem 1rem 2.5rem;font:1.0625rem/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
p,ul{margin:0}
.brand{display:flex;align-items:center;gap:.625rem;margin:0 .25rem 1.125rem;font-weight:700;font-size:1.125rem;letter-spacing:-.02em}
.brand img,.brand svg{flex:none;width:2rem;height:2rem;border-radius:8px;object-fit:contain}
.brand span{min-width:0;overflow-wrap:anywhere}
main{display:grid;grid-template-columns:minmax(0,1fr);gap:1.125rem;padding:1.5rem 1.25rem;border:1px solid var(--line);border-radius:16px;background:var(--surface);box-shadow:0 1px 2px rgb(29 27 24/5%),0 4px 16px rgb(29 27 24/4%)}
h1{margin:0;font-size:1.5rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{margin:0 0 .625rem;font-size:1rem;line-height:1.3}
.does{padding:1rem 0;border:solid var(--line);border-width:1px 0}
.does ul{display:grid;gap:.5rem;padding:0;list-style:none}
.does li{position:relative;padding-left:1.75rem}
.does li::before{content:"";position:absolute;left:.25rem;top:.3rem;width:.4rem;height:.75rem;border:solid var(--accent);border-width:0 2.5px 2.5px 0;transform:rotate(45deg)}
.buttons{display:grid;gap:.75rem}
.button{display:block;width:100%;min-height:3.25rem;padding:.8125rem 1rem;border:0;border-radius:10px;background:var(--fill);color:var(--on);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
.button:hover{background:var(--hover)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.notes{display:grid;grid-template-columns:minmax(0,1fr);gap:.5rem}
.small{font-size:.875rem;color:var(--soft)}
.symbol{width:3rem;height:3rem;fill:none;stroke:var(--surface);stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round}
.symbol circle{stroke:none}
.done circle{fill:var(--good)}
.attention circle{fill:var(--wait)}
@media(min-width:40rem){body{padding-top:3.5rem}main{padding:2.25rem}h1{font-size:1.75rem}}`;
}
