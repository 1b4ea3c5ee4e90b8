import { type Html, html } from "@cita/http";
import { type Brand, brandMark } from "@cita/http/brand";
import { mayDo } from "../access/caller.ts";
import type { Assets } from "./assets.ts";
import { type IconName, icon } from "./icons.ts";
import type { Language } from "./language.ts";
import { layoutWords } from "./layout-words.ts";
import { csrfField } from "./parts/forms.ts";
import { note } from "./parts/notes.ts";
import type { Theme, Viewer } from "./viewer.ts";

/** What the frame of every page is made of, besides who looks at it. */
export type Frame = { readonly assets: Assets; readonly brand: Brand };

export type Page = {
  readonly title: string;
  /** Below the title. */
  readonly subtitle?: Html | string | undefined;
  /** Beside the title. */
  readonly actions?: Html | undefined;
  /** The entry of the menu that the page belongs to. */
  readonly section: Section;
  readonly body: Html;
  /** A narrower column, for forms. */
  readonly isNarrow?: boolean;
  /** Has the week's calendar. */
  readonly hasCalendar?: boolean;
};

export type Section = "overview" | "customers" | "integrations" | "activity" | "people" | "account";

/** A page within the frame: the menu, the title and what belongs to it. */
export function renderPage(frame: Frame, viewer: Viewer, page: Page): string {
  const words = layoutWords[viewer.language];
  const body = html`<a class="skip-link" href="#content">${words.skip}</a>
<div class="frame">
<header class="side">
${brandLink(frame.brand, "/")}
<nav aria-label="${words.menu}"><ul class="menu">${menuOf(viewer).map((entry) => menuItem(entry, page.section))}</ul></nav>
<div class="side-foot small">
<span class="who"><strong>${viewer.name}</strong>${viewer.email !== null && html`<span class="soft">${viewer.email}</span>`}</span>
<form method="post" action="/logout">${csrfField(viewer)}<button class="link-button" type="submit">${words.signOut}</button></form>
</div>
</header>
<main class="page${page.isNarrow ? " narrow" : ""}" id="content" tabindex="-1">
<div class="page-head">
<div class="titles"><h1><bdi>${page.title}</bdi></h1>${page.subtitle !== undefined && html`<p class="soft">${page.subtitle}</p>`}</div>
${page.actions !== undefined && html`<div class="actions">${page.actions}</div>`}
</div>
${page.body}
</main>
</div>
<div id="told" aria-live="polite"></div><template id="unanswered">${note("bad", words.unanswered)}</template>`;
  return renderDocument(frame, { ...viewer, title: page.title, body, hasCalendar: page.hasCalendar });
}

/** A page of one card, for whoever isn't signed in. */
export function renderAlone(
  frame: Frame,
  viewer: { readonly language: Language; readonly theme?: Theme },
  page: { readonly title: string; readonly body: Html; readonly footer?: Html | string },
): string {
  const body = html`<main class="alone">
${brandLink(frame.brand, "/login")}
<section class="card stack"><h1>${page.title}</h1>${page.body}</section>
${page.footer !== undefined && html`<footer class="small soft">${page.footer}</footer>`}
</main>`;
  return renderDocument(frame, { ...viewer, title: page.title, body });
}

type Document = {
  readonly language: Language;
  readonly theme?: Theme;
  readonly title: string;
  readonly body: Html;
  readonly hasCalendar?: boolean | undefined;
};

/** Requests of htmx name their own errors, and no script or style stands in the page. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, mode: "same-origin" });

function renderDocument(
  { assets, brand }: Frame,
  { language, theme, title, body, hasCalendar }: Document,
): string {
  const page = html`<!doctype html>
<html lang="${language}"${theme !== undefined && theme !== "system" && html` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex, nofollow">
<meta name="htmx-config" content="${htmxConfig}">
<title>${title} · ${brand.name}</title>
<link rel="icon" href="data:,">
${hasCalendar === true && html`<link rel="stylesheet" href="${assets.pathOf("calendar.css")}">`}
<link rel="stylesheet" href="${assets.pathOf("panel.css")}">
<script src="${assets.pathOf("htmx.js")}" defer></script>
<script src="${assets.pathOf("panel.js")}" defer></script>
${hasCalendar === true && html`<script src="${assets.pathOf("calendar.js")}" defer></script>`}
</head>
<body>
${body}
</body>
</html>
`;
  return page.html;
}

function brandLink(brand: Brand, href: string): Html {
  return html`<a class="brand" href="${href}">${brandMark(brand)}<span>${brand.name}</span></a>`;
}

type MenuEntry = {
  readonly section: Section;
  readonly href: string;
  readonly icon: IconName;
  readonly text: string;
};

/** A business's owner sees that business alone. */
function menuOf({ caller, language, hasIntegrations }: Viewer): readonly MenuEntry[] {
  const words = layoutWords[language];
  const account: MenuEntry = { section: "account", href: "/cuenta", icon: "account", text: words.account };
  if (caller.kind === "owner") {
    const href = `/clientes/${encodeURIComponent(caller.customerId)}`;
    return [{ section: "customers", href, icon: "calendar", text: words.ownBusiness }];
  }
  const all: MenuEntry[] = [
    { section: "overview", href: "/", icon: "overview", text: words.overview },
    { section: "customers", href: "/clientes", icon: "customers", text: words.customers },
  ];
  if (hasIntegrations && mayDo(caller, "own_integrations", false))
    all.push({ section: "integrations", href: "/conexiones", icon: "link", text: words.integrations });
  if (!mayDo(caller, "administer", false)) return [...all, account];
  return [
    ...all,
    { section: "activity", href: "/actividad", icon: "activity", text: words.activity },
    { section: "people", href: "/personas", icon: "people", text: words.people },
    account,
  ];
}

function menuItem({ section, href, icon: name, text }: MenuEntry, current: Section): Html {
  return html`<li><a href="${href}"${section === current && html` aria-current="page"`}>${icon(name)}<span>${text}</span></a></li>`;
}
