import { type Person, send } from "./people.ts";
import type { World } from "./world.ts";

/** Opens a page in Spanish. */
export const open = (world: World, person: Person, path: string) =>
  send(world.adminUrl, "GET", path, { cookie: person.cookie, headers: { "accept-language": "es" } });

/** What a browser makes of escaped text. */
export const decode = (text: string) =>
  text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

/** Sends a page's form as a browser does. */
export const submit = (
  world: World,
  { cookie, csrf }: Person,
  path: string,
  form: Record<string, string> = {},
) =>
  send(world.adminUrl, "POST", path, {
    cookie,
    form: { csrf, ...form },
    headers: { "sec-fetch-site": "same-origin", "accept-language": "es" },
  });
