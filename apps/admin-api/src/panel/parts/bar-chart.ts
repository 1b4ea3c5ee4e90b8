import { type Html, html } from "@cita/http";

export type Bar = { readonly label: string; readonly value: number; readonly text: string };

const [width, height, gap, labelHeight] = [560, 190, 14, 22];

/**
 * Bars with their values above and their labels below, as SVG.
 * @param title what it shows, for whoever can't see it; the values stand in it as texts.
 */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const step = width / bars.length;
  const room = height - 2 * labelHeight;
  return html`<svg class="bars" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join(", ")}">${bars.map(
    ({ label, value, text }, i) => {
      const tall = value === 0 ? 2 : Math.max(4, Math.round((room * value) / most));
      const [left, top] = [Math.round(i * step + gap / 2), height - labelHeight - tall];
      const middle = Math.round(i * step + step / 2);
      return html`<rect x="${left}" y="${top}" width="${Math.round(step - gap)}" height="${tall}" rx="4"${value === 0 && html` class="none"`}/><text x="${middle}" y="${top - 7}" text-anchor="middle">${text}</text><text x="${middle}" y="${height - 5}" text-anchor="middle">${label}</text>`;
    },
  )}</svg>`;
}
