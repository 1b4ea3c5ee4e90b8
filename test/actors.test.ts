import t from "tap";
import { addPerson, cookieOf, login, password, send, tokenOf } from "./support/people.ts";
import { createWorld } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

forEachWorld(t, "every act names who did it", {}, async (t, world) => {
  await world.connected("luna");
  const member = await addPerson(world, { email: "bea@example.com", role: "member", customer_ids: ["luna"] });
  const schedule = (sent: object, minutes: number) =>
    send(world.adminUrl, "PUT", "/v1/customer-calendars/luna/schedule", {
      body: { time_zone: "America/Bogota", minimum_notice_minutes: minutes },
      ...sent,
    });
  t.equal((await schedule({ bearer: member.accessToken }, 10)).status, 200);
  const { body: link } = await world.api("POST", "/v1/customer-calendars/luna/owner-link");
  const byLink = (token: string) => send(world.adminUrl, "POST", "/api/auth/link", { body: { token } });
  const [owner, late] = await Promise.all([byLink(tokenOf(link)), byLink(tokenOf(link))]).then((both) =>
    both.sort((a, b) => a.status - b.status),
  );
  t.match([owner?.status, late?.status], [200, 400], "a link counts once");
  const csrf = owner?.headers.get("x-csrf-token") ?? "";
  const headers = { "x-csrf-token": csrf, "sec-fetch-site": "same-origin" };
  const cookie = cookieOf(owner?.headers ?? new Headers());
  t.equal((await schedule({ cookie, headers }, 20)).status, 200);
  await world.api("POST", "/v1/customer-calendars/luna/agent-keys", { name: "Bot" });
  await world.call("luna", "book", {
    start_iso: "2027-01-18T09:00:00-05:00",
    attendee_name: "Ana",
    attendee_phone: "+573001234567",
  });
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity?limit=4");
  t.match(body.activity, [
    { kind: "booked", actor: null },
    { kind: "agent_key_created", actor: { kind: "program", id: null, name: null } },
    { kind: "schedule_changed", actor: { kind: "owner", id: "luna", name: null } },
    { kind: "schedule_changed", actor: { kind: "user", id: member.user.id, name: "bea" } },
  ]);

  await login(world, { email: "bea@example.com", password: "wrong wrong" });
  await login(world, { email: "bea@example.com", password });
  const { body: people } = await world.api("GET", "/v1/people-activity?limit=2");
  t.match(people.activity, [
    { kind: "signed_in", user: { name: "bea" }, detail: { by: "password" } },
    { kind: "sign_in_failed", user: { name: "bea" } },
  ]);
  const { body: older } = await world.api("GET", `/v1/people-activity?before=${people.next_before}`);
  const kinds = older.activity.map(({ kind }: { kind: string }) => kind);
  t.ok(["user_invited", "link_made", "user_joined", "owner_signed_in"].every((kind) => kinds.includes(kind)));
  t.notMatch(JSON.stringify([people, older]), /bea@example/);
});

t.test("who has no service key says nobody else's name", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  await world.rpc(
    {
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: {
        name: "book",
        arguments: {
          start_iso: "2027-01-18T09:00:00-05:00",
          attendee_name: "Ana",
          attendee_phone: "+573001234567",
        },
      },
    },
    { "x-customer-id": "luna", "x-actor": "program" },
  );
  const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity?limit=1");
  t.match(body.activity, [{ kind: "booked", actor: null }]);
});
