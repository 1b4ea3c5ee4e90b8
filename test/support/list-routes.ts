import type { FastifyInstance } from "fastify";

export type Route = { readonly method: string; readonly path: string };

/** All routes of an app, read from the router itself, so that none is forgotten. */
export function listRoutes(app: Pick<FastifyInstance, "printRoutes">): Route[] {
  const parents: string[] = [];
  const routes: Route[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const found = /^(?<indent>[│ ]*)[├└]── (?<part>\S*)(?: \((?<methods>[A-Z, ]+)\))?$/.exec(line)?.groups;
    if (found === undefined) continue;
    const level = (found.indent?.length ?? 0) / 4;
    const path = `${parents[level - 1] ?? ""}${found.part}`;
    parents[level] = path;
    for (const method of found.methods?.split(", ") ?? []) routes.push({ method, path });
  }
  return routes;
}
