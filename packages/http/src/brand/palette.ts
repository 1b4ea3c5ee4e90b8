import { type Colour, contrast, mix, parseHex, shiftUntil, toHex } from "./colours.ts";

/** The colours that a page takes from the operator's one, for a light or a dark page. All are `#rrggbb`. */
export type Tones = {
  /** Text, links and lines on the page, readable there. */
  readonly accent: string;
  /** Behind the text of a button. */
  readonly fill: string;
  readonly fillHover: string;
  readonly onFill: string;
  /** Behind what is selected. `accent` is readable on it. */
  readonly tint: string;
};

export type Palette = { readonly light: Tones; readonly dark: Tones };

/** WCAG 2.2, 1.4.3: text. On a dark page the accent is lighter than it has to be, since thin light text looks dimmer. */
const readable = 4.5;
const readableInDark = 7;
/** WCAG 2.2, 1.4.11: what has to be told from what is beside it. */
const distinct = 3;

const white = parseHex("#ffffff");
const black = parseHex("#000000");

/** What accents stand on: page, card and sunken parts, of the panel and of the pages that businesses see. */
const lightPages = ["#fbfaf8", "#ffffff", "#f4f2ee"].map(parseHex);
const darkPages = ["#141412", "#1d1c1a", "#262522"].map(parseHex);

/**
 * Why a colour can't be the operator's; undefined: it can. Black or white text is readable on every colour.
 * @param hex `#rrggbb`
 */
export function findColourProblem(hex: string): string | undefined {
  const least = leastContrast(parseHex(hex), lightPages);
  if (least >= distinct) return undefined;
  return `must be told from a white page at ${distinct}:1 and reaches ${least.toFixed(1)}:1: take a darker one`;
}

/** @param hex `#rrggbb`, without a problem */
export function createPalette(hex: string): Palette {
  const colour = parseHex(hex);
  return {
    light: toTones({ colour, pages: lightPages, share: 0.11, step: -0.01, least: readable, fill: colour }),
    dark: toTones({ colour, pages: darkPages, share: 0.16, step: 0.01, least: readableInDark }),
  };
}

type Theme = {
  readonly colour: Colour;
  readonly pages: readonly Colour[];
  /** How much of the accent is in its tint. */
  readonly share: number;
  /** Towards what is readable. */
  readonly step: number;
  /** Contrast of the accent on all of them. */
  readonly least: number;
  /** Default: the accent. */
  readonly fill?: Colour;
};

function toTones({ colour, pages, share, step, least, fill }: Theme): Tones {
  const [page = white] = pages;
  const tintOf = (accent: Colour) => mix(accent, page, share);
  const accent = shiftUntil(
    colour,
    step,
    (shifted) => leastContrast(shifted, [...pages, tintOf(shifted)]) >= least,
  );
  const behind = fill ?? accent;
  const onFill = contrast(behind, white) >= readable ? white : black;
  // Away from the text on it, which stays readable.
  const away = onFill === white ? -1 : 1;
  const from = contrast(behind, onFill);
  const fillHover = shiftUntil(behind, away * 0.01, (shifted) => contrast(shifted, onFill) >= from * 1.2);
  return {
    accent: toHex(accent),
    fill: toHex(behind),
    fillHover: toHex(fillHover),
    onFill: toHex(onFill),
    tint: toHex(tintOf(accent)),
  };
}

function leastContrast(colour: Colour, pages: readonly Colour[]): number {
  return Math.min(...pages.map((page) => contrast(colour, page)));
}
