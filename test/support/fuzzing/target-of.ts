import { exampleOf, type Known } from "./example.ts";
import type { Random } from "./random.ts";
import type { Route } from "./routes.ts";

/** A route's path and query, filled with what there is. */
export function targetOf({ path, query }: Route, known: Known, random: Random): string {
  const filled = path
    .replaceAll(/:(\w+)/g, (_, name: string) => `${exampleOf({ type: "string" }, known, random, name)}`)
    .replace("*", random.pick(["swagger-ui.css", "index.html"]));
  if (query === undefined) return encodeURI(filled);
  const values = Object.entries(exampleOf(query, known, random) as object);
  return `${encodeURI(filled)}?${new URLSearchParams(values.map(([name, value]) => [name, `${value}`]))}`;
}
