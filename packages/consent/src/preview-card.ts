import { type Html, html } from "@cita/http";
import type { Brand } from "@cita/http/brand";
import type { ConsentLink } from "@cita/token-store";
import type { Language } from "./provider-words.ts";
import type { Wording } from "./wording-en.ts";

/** Where our picture for a card is. */
export const cardPath = "/connect/card.png";

/** Says who asks whom for what. */
export type CardText = { readonly title: string; readonly description: string };

export function toCardText(words: Wording, brand: Brand, link: ConsentLink): CardText {
  return {
    title: words.cardTitle(brand.name, link.customerName),
    description: words.cardText,
  };
}

/**
 * What a chat shows of a link before anybody opens it (https://ogp.me). It names no address of the page: the link's token
 * is in it. The picture is the operator's logo where others can load it.
 */
export function previewCard(
  language: Language,
  { title, description }: CardText,
  { brand, publicUrl }: { brand: Brand; publicUrl: string },
): Html {
  const ownLogo = brand.logoUrl?.startsWith("https:") ? brand.logoUrl : undefined;
  const size = html`<meta property="og:image:width" content="1200">
<meta property="og:image:height" content="630">
`;
  return html`<meta property="og:type" content="website">
<meta property="og:site_name" content="${brand.name}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
<meta property="og:locale" content="${locales[language]}">
<meta property="og:image" content="${ownLogo ?? publicUrl + cardPath}">
${ownLogo === undefined && size}<meta name="description" content="${description}">
`;
}

const locales: Readonly<Record<Language, string>> = { en: "en_US", es: "es_LA", pt: "pt_BR" };
