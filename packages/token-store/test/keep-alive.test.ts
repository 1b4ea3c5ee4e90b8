import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createKeepAlive } from "../src/index.ts";
import { google } from "./fixtures.ts";

t.test("idle grants are renewed round after round, and one that fails doesn't stop the others", async (t) => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const asked: string[] = [];
  const renewed: string[] = [];
  const failed: unknown[] = [];
  const keepAlive = createKeepAlive({
    connections: {
      idleSince: async (date) => {
        asked.push(date.toISOString());
        return [google("a"), google("b")];
      },
    },
    accessTokens: {
      renew: async ({ customerId }) => {
        if (customerId === "a") throw new Error("503");
        renewed.push(customerId);
      },
    },
    onFailure: (_error, failing) => failed.push(failing?.customerId),
    intervalMs: 20,
    now: () => now,
  });
  keepAlive.start();
  while (renewed.length < 2) await sleep(5);
  await keepAlive.stop();
  t.equal(asked[0], "2026-10-23T12:00:00.000Z", "thirty days");
  t.ok(failed.length >= 2);
  const { length } = renewed;
  await sleep(60);
  t.equal(renewed.length, length, "stopped");
});
