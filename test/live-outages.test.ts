import t from "tap";
import { worldsBehindCalendarProxy } from "./support/calendar-proxy.ts";

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
  const page = await fetch(`${world.adminUrl}/panel/live/cliente?id=sol&after=0`, {
    headers: { cookie: ana.cookie },
    signal: AbortSignal.timeout(20_000),
  });
  t.match(await world.consent(body.shareable_link), { status: 200 });
  let text = "";
  for await (const chunk of page.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes("¡Conectado!")) break;
  }
  t.equal(failures, 3);
  t.match(text, "sol@example.com");
});
