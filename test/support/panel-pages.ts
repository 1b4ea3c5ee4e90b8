import { type Session, send } from "./people.ts";
import type { World } from "./world.ts";

/** Opens a page in Spanish. */
export const open = (world: World, person: Pick<Session, "cookie">, path: string) =>
  send(world.adminUrl, "GET", path, { cookie: person.cookie, headers: { "accept-language": "es" } });

/** What a browser makes of escaped text. */
export const decode = (text: string) =>
  text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

/** Sends a page's form as a browser does. */
export const submit = (
  world: World,
  { cookie, csrf }: Session,
  path: string,
  form: Record<string, string> = {},
) =>
  send(world.adminUrl, "POST", path, {
    cookie,
    form: { csrf, ...form },
    headers: { "sec-fetch-site": "same-origin", "accept-language": "es" },
  });

export type Fields = Record<string, string>;

/** The values of the schedule's form, as a browser sends it. */
export function readFields(html: string): Fields {
  const form = html.slice(html.indexOf('<form id="schedule-form"'));
  const fields: Fields = {};
  for (const [tag] of form.slice(0, form.indexOf("</form>")).matchAll(/<input [^>]*>/g)) {
    const [name, value = ""] = [/ name="([^"]*)"/.exec(tag)?.[1], / value="([^"]*)"/.exec(tag)?.[1]];
    if (name === undefined || (tag.includes('type="checkbox"') && !/ checked/.test(tag))) continue;
    fields[name] = decode(value);
  }
  for (const [, name = "", options = ""] of form.matchAll(
    /<select [^>]*name="([^"]*)"[^>]*>(.*?)<\/select>/gs,
  ))
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? "";
  for (const [, name = "", text = ""] of form.matchAll(
    /<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)<\/textarea>/gs,
  ))
    fields[name] = decode(text);
  return fields;
}
