import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { addPerson, send } from "./support/people.ts";
import { forEachWorld } from "./support/world-engines.ts";

forEachWorld(t, "a page that connects while the service stops doesn't hold it up", {}, async (t, world) => {
  const { cookie } = await addPerson(world, { email: "admin@example.com", role: "admin" });
  for (const waitMs of [0, 1, 2, 3, 4, 6, 8, 12, 16]) {
    const leaving = new AbortController();
    const pages = Promise.allSettled(
      Array.from({ length: 15 }, () =>
        send(world.adminUrl, "GET", "/panel/live/clientes", { cookie, signal: leaving.signal }),
      ),
    );
    await sleep(waitMs);
    const restarted = world.restart().then(() => "restarted");
    t.equal(await Promise.race([restarted, sleep(8_000, "it hangs")]), "restarted", `after ${waitMs} ms`);
    leaving.abort();
    await Promise.all([pages, restarted]);
  }
});
