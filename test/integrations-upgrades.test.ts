import { once } from "node:events";
import { request } from "node:http";
import t from "tap";
import { createIntegrationsWorld } from "./support/integrations-world.ts";

t.test("an offer of another protocol is passed over, at every route", async (t) => {
  const world = await createIntegrationsWorld(t);
  const offers = [{ upgrade: "h2c", "http2-settings": "AAAA" }, { upgrade: "websocket" }];
  for (const [i, headers] of offers.entries())
    for (const path of ["/health", "/integrations/providers", "/ws"].slice(0, i === 0 ? 3 : 2)) {
      const sent = request(world.url + path, {
        headers: { ...headers, connection: "Upgrade" },
        timeout: 5_000,
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer in time"))).end();
      const [answer] = await once(sent, "response");
      answer.resume();
      t.equal(answer.statusCode, path === "/health" ? 200 : 401, `${headers.upgrade} ${path}`);
    }
});
