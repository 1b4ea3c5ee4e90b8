import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { createKeepAlive } from "../src/index.ts";
import { google } from "./fixtures.ts";

t.test("idle grants are renewed round after round, and one that fails doesn't stop the others", async (t) => {
  const asked: string[] = [];
  const renewed: string[] = [];
  const failed: unknown[] = [];
  const keepAlive = createKeepAlive({
    connections: {
      takeDueForRenewal: async (provider) => {
        asked.push(provider);
        return provider === "google" ? [google("a"), google("b")] : [];
      },
    },
    accessTokens: {
      renew: async ({ customerId }) => {
        if (customerId === "a") throw new Error("503");
        renewed.push(customerId);
      },
    },
    onFailure: (_error, failing) => failed.push(failing?.customerId),
    providers: ["google", "another"],
    intervalMs: 20,
  });
  keepAlive.start();
  while (renewed.length < 2) await sleep(5);
  await keepAlive.stop();
  t.strictSame(asked.slice(0, 2), ["google", "another"]);
  t.ok(failed.length >= 2);
  const { length } = renewed;
  await sleep(60);
  t.equal(renewed.length, length, "stopped");
});
