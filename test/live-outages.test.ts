import t from "tap";
import { worldsBehindCalendarProxy } from "./support/calendar-proxy.ts";
import { send } from "./support/people.ts";

const { proxy, eachWorld } = await worldsBehindCalendarProxy(t, { followsEvents: true });

eachWorld("a page that couldn't be told of a consent is told once it can be", async (t, world, ana) => {
  await world.sandbox("POST", "accounts", { email: "sol@example.com", time_zone: "America/Bogota" });
  const { body } = await world.connect("sol");
  let failures = 0;
  proxy.fateOf = (_method, path) => {
    if (!path.endsWith("/sol/connection") || failures === 3) return undefined;
    failures += 1;
    return "unavailable";
  };
  const page = send(world.adminUrl, "GET", "/panel/live/cliente?id=sol&after=0", {
    cookie: ana.cookie,
    signal: AbortSignal.timeout(3_000),
  });
  t.match(await world.consent(body.shareable_link), { status: 200 });
  const { text } = await page;
  t.equal(failures, 3);
  t.match(text, /¡Conectado!.*sol@example\.com/s);
});
