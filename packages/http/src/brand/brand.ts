/**
 * How the operator's name, logo and colour look on the panel and on the pages that businesses see: the variables, the
 * colours that follow from one, and the mark. `colours.ts` is the arithmetic, `palette.ts` which colours a page needs.
 */

import { publicUrl } from "@cita/process";
import { z } from "zod";
import { type Html, html } from "../html.ts";
import { createPalette, findColourProblem, type Palette } from "./palette.ts";

export type { Palette } from "./palette.ts";

export type Brand = {
  readonly name: string;
  /** An https URL or a data URL; undefined: our own mark. */
  readonly logoUrl: string | undefined;
  readonly palette: Palette;
};

/** The consent pages stay under 30 kB with it. */
const maxDataUrlLength = 16_000;

const dataUrl = z
  .string()
  .max(maxDataUrlLength, `must be short as a data URL: at most ${maxDataUrlLength} characters`)
  .regex(
    /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/,
    "must be an https URL, or a data URL of an image",
  );

const logoUrl = z.string().pipe(
  z.string().transform((text, context) => {
    const result = (text.startsWith("data:") ? dataUrl : publicUrl).safeParse(text);
    for (const { message } of result.error?.issues ?? []) context.addIssue({ code: "custom", message });
    return text;
  }),
);

const colour = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, { message: "must be a colour such as #0d6250", abort: true })
  .toLowerCase()
  .superRefine((hex, context) => {
    const message = findColourProblem(hex);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

/** Read by every service that shows pages. */
export const brandVariables = z.object({
  BRAND_NAME: z.string().trim().min(1).max(60).default("Cita"),
  BRAND_LOGO_URL: logoUrl.optional(),
  BRAND_COLOR: colour.default("#0d6250"),
});

/** @param variables as `brandVariables` has parsed them. Default: our own. */
export function createBrand(variables: z.output<typeof brandVariables> = brandVariables.parse({})): Brand {
  const { BRAND_NAME: name, BRAND_LOGO_URL: logo, BRAND_COLOR: hex } = variables;
  return { name, logoUrl: logo, palette: createPalette(hex) };
}

/** Where the logo is loaded from, for `img-src` of a Content-Security-Policy. */
export function logoSources({ logoUrl }: Brand): string[] {
  if (logoUrl === undefined) return [];
  return [logoUrl.startsWith("data:") ? "data:" : new URL(logoUrl).origin];
}

/** The logo, or a leaf of a calendar with its time taken. It says nothing that the name beside it doesn't. */
export function brandMark({ logoUrl, palette }: Brand): Html {
  if (logoUrl !== undefined) return html`<img src="${logoUrl}" alt="">`;
  const { fill, onFill } = palette.light;
  return html`<svg viewBox="0 0 28 28" aria-hidden="true"><rect width="28" height="28" rx="7" fill="${fill}"/><g fill="none" stroke="${onFill}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"><path d="M8 10.5h12M11 7v3M17 7v3M8 9.5v11h12v-11z"/><path d="M11.5 15.5l2 2 3.5-3.5"/></g></svg>`;
}
