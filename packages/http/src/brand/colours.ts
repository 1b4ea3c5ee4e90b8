/** Colours of sRGB, their contrast (WCAG 2.2, 1.4.3), and lighter and darker ones of the same hue (OKLab). */

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number];

/** @param hex `#rrggbb` */
export function parseHex(hex: string): Colour {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

export function toHex(colour: Colour): string {
  const channels = colour.map((channel) => Math.round(channel * 255).toString(16));
  return `#${channels.map((channel) => channel.padStart(2, "0")).join("")}`;
}

/** From 1, the same, to 21, black on white. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colour over a page, as a tint: so much of it, from 0 to 1. */
export function mix([red, green, blue]: Colour, page: Colour, share: number): Colour {
  const over = (channel: number, below: number) => channel * share + below * (1 - share);
  return [over(red, page[0]), over(green, page[1]), over(blue, page[2])];
}

/**
 * The colour, or the nearest of its hue in steps of a hundredth of lightness, that fits.
 * @param step which way to go: 0.01 is lighter, -0.01 darker
 */
export function shiftUntil(colour: Colour, step: number, fits: (shifted: Colour) => boolean): Colour {
  const [lightness, a, b] = toOklab(colour);
  let shifted = colour;
  for (let moved = lightness + step; !fits(shifted) && moved > 0 && moved < 1; moved += step)
    shifted = withinGamut([moved, a, b]);
  return shifted;
}

type Oklab = readonly [lightness: number, a: number, b: number];

function luminance(colour: Colour): number {
  const [red, green, blue] = toLinear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function toLinear([red, green, blue]: Colour): Colour {
  const linear = (channel: number) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  return [linear(red), linear(green), linear(blue)];
}

function fromLinear([red, green, blue]: Colour): Colour {
  const gamma = (channel: number) =>
    channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055;
  return [gamma(red), gamma(green), gamma(blue)];
}

/** @see https://bottosson.github.io/posts/oklab/ */
function toOklab(colour: Colour): Oklab {
  const [red, green, blue] = toLinear(colour);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Oklab): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return fromLinear([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]);
}

/** The nearest colour of this lightness and hue that a screen can show, with less of the hue. */
function withinGamut([lightness, a, b]: Oklab): Colour {
  const isShown = (channel: number) => channel >= -0.0005 && channel <= 1.0005;
  let colour: Colour = [lightness, lightness, lightness];
  for (let share = 1; share >= 0; share -= 0.02) {
    colour = fromOklab([lightness, a * share, b * share]);
    if (colour.every(isShown)) break;
  }
  const [red, green, blue] = colour;
  const clamp = (channel: number) => Math.min(1, Math.max(0, channel));
  return [clamp(red), clamp(green), clamp(blue)];
}
