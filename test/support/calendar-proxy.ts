import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import { forward, serveOnLoopback } from "./http-proxy.ts";
import { addPerson, type Person } from "./people.ts";
import { sundayEvening, type World } from "./world.ts";
import { forEachWorld } from "./world-engines.ts";

/** What becomes of a request: its answer is lost though it was done; the proxy answers 503 itself; or it waits first. */
type Fate = "lost" | "unavailable" | { readonly waitMs: number } | undefined;

/** Stands between admin-api and the calendar service. Without a fate, requests pass. */
type CalendarProxy = {
  /** The calendar service; to be set before the first request. */
  target: string;
  fateOf: (method: string, path: string) => Fate;
};

type WorldTest = (t: Test, world: World, ana: Person) => Promise<void>;

/**
 * Worlds whose calendar service is reached through one proxy. Each has luna, who is connected, and an admin, Ana; it is
 * Sunday evening.
 */
export async function worldsBehindCalendarProxy(t: Test, { followsEvents = false } = {}) {
  const proxy: CalendarProxy = { target: "", fateOf: () => undefined };
  const url = await serveOnLoopback(t, (incoming, outgoing) => pass(proxy, incoming, outgoing));
  const options = { adminNow: () => sundayEvening, followsEvents, variables: { CALENDAR_URL: url } };

  const eachWorld = (name: string, test: WorldTest) =>
    forEachWorld(t, name, options, async (t, world) => {
      proxy.target = world.managementUrl;
      proxy.fateOf = () => undefined;
      await world.connected("luna");
      await test(t, world, await addPerson(world, { email: "ana@example.com", role: "admin" }));
    });

  return { proxy, eachWorld };
}

async function pass(proxy: CalendarProxy, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { method = "GET", url = "/" } = incoming;
  const fate = proxy.fateOf(method, url);
  if (fate === "unavailable") {
    outgoing.writeHead(503).end();
    return;
  }
  if (typeof fate === "object") await sleep(fate.waitMs);
  forward(incoming, outgoing, {
    url: new URL(url, proxy.target),
    ...(fate === "lost" && { onAnswer: loseAnswer }),
  });
}

function loseAnswer(answer: IncomingMessage, outgoing: ServerResponse): void {
  answer.resume().on("end", () => outgoing.destroy());
}
