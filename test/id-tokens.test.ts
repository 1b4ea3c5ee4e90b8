import t from "tap";
import { createGoogleCalls } from "./support/google-provider.ts";
import { startSandbox } from "./support/local-google.ts";
import { createWorld, sundayEvening, type World } from "./support/world.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Luna consents, and the id_token says something else than it should. */
async function consentWith(world: World, claims: Record<string, unknown>) {
  const { body } = await world.connect("luna");
  await world.sandbox("POST", "faults", { path: "/token", times: 1, id_token: claims });
  const page = await world.consent(body.shareable_link, { account: "luna@example.com" });
  await world.sandbox("DELETE", "faults");
  return page;
}

const refusedChecks = (world: World): string[] =>
  world.log.map((line) => JSON.parse(line).check).filter((check) => check !== undefined);

t.test(
  "an id_token that fails a check of OpenID Connect connects nothing, and the log names the check",
  async (t) => {
    const world = await createWorld(t);
    const now = sundayEvening / 1_000;
    const refused: [check: string, claims: Record<string, unknown>][] = [
      ["iss", { iss: "https://accounts.google.com.evil.example" }],
      ["iss", { iss: "https://accounts.google.com/" }],
      ["iss", { iss: "http://accounts.google.com" }],
      ["iss", { iss: ["https://accounts.google.com"] }],
      ["iss", { iss: null }],
      ["aud", { aud: "another-client" }],
      ["aud", { aud: ["sandbox-client", "another-client"] }],
      ["aud", { aud: ["sandbox-client", "another-client"], azp: "sandbox-client" }],
      ["aud", { aud: ["sandbox-client", "sandbox-client"] }],
      ["aud", { aud: [] }],
      ["aud", { aud: null }],
      ["azp", { azp: "another-client" }],
      ["azp", { azp: "" }],
      ["azp", { azp: ["sandbox-client"] }],
      ["exp", { exp: now - 5 * minute - 1 }],
      ["exp", { exp: 0 }],
      ["exp", { exp: String(now + hour) }],
      ["exp", { exp: 1e300 }],
      ["exp", { exp: null }],
      ["iat", { iat: now + 5 * minute + 1 }],
      ["iat", { iat: now - day - 1 }],
      ["iat", { iat: (now - minute) * 1_000 }],
      ["iat", { iat: null }],
      ["sub", { sub: null }],
      ["sub", { sub: "" }],
      ["sub", { sub: " " }],
      ["sub", { sub: "1".repeat(256) }],
      ["sub", { sub: 108204268033311 }],
      ["email", { email: null }],
      ["email", { email: "luna" }],
      ["email_verified", { email_verified: null }],
      ["email_verified", { email_verified: false }],
      ["email_verified", { email_verified: "true" }],
      ["email_verified", { email_verified: 1 }],
    ];
    for (const [check, claims] of refused) {
      const page = await consentWith(world, claims);
      t.match(page, { status: 502, text: /exchange_failed/ }, `${check} ${JSON.stringify(claims)}`);
    }
    t.strictSame(
      refusedChecks(world),
      refused.map(([check]) => check),
    );
    t.notMatch(world.log.join(""), /evil\.example|another-client/, "no claim is repeated");
    t.match((await world.api("GET", "/v1/customer-calendars/luna")).body, {
      status: "pending",
      calendar_email: null,
      link: { state: "live", last_attempt: { outcome: "exchange_failed" } },
    });
    t.equal(await world.mcp.store.connections.find({ customerId: "luna", provider: "google" }), undefined);
  },
);

t.test("an id_token that is as Google may write it connects", async (t) => {
  const world = await createWorld(t);
  const now = sundayEvening / 1_000;
  const accepted: Record<string, unknown>[] = [
    {},
    { iss: "accounts.google.com" },
    { iss: world.googleUrl },
    { aud: ["sandbox-client"] },
    { azp: null },
    { exp: now - 4 * minute },
    { iat: now + 4 * minute },
    { iat: now + 0.5 },
    { sub: "1".repeat(255) },
    { hd: "example.com", at_hash: "x", email_verified: true },
  ];
  for (const claims of accepted) {
    t.match(await consentWith(world, claims), { status: 200 }, JSON.stringify(claims));
  }
  t.strictSame(refusedChecks(world), []);
});

t.test("what isn't an id_token at all connects nothing", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokens = { access_token: "ya29.x", refresh_token: "1//x", expires_in: 3599 };
  for (const id_token of [
    "",
    "a.b",
    "a.!.c",
    `a.${part("text")}.c`,
    `a.${part(null)}.c`,
    `a.${part([])}.c`,
    "a.e30.c.d",
    7,
    null,
  ]) {
    await world.sandbox("POST", "faults", { path: "/token", status: 200, body: { ...tokens, id_token } });
    t.match(
      await world.consent(body.shareable_link),
      { status: 502, text: /exchange_failed/ },
      `${id_token}`,
    );
    await world.sandbox("DELETE", "faults");
  }
  t.ok(refusedChecks(world).every((check) => ["form", "answer", "iss"].includes(check)));
});

for (const offHours of [-26, -1, 1, 26]) {
  t.test(
    `a clock that is ${offHours} hours off Google's refuses no consent, and takes no old id_token`,
    async (t) => {
      const world = await createWorld(t, {
        now: sundayEvening + offHours * hour * 1_000,
        startGoogle: () => startSandbox(t, createGoogleCalls(), { now: () => sundayEvening }),
      });
      const ours = world.clock.now / 1_000;
      t.match(
        await consentWith(world, { iat: ours, exp: ours + 30 * minute }),
        { status: 502 },
        "right by our clock",
      );
      t.match(await consentWith(world, {}), { status: 200 });
    },
  );
}

t.test("where an answer tells no time, our own clock counts", async (t) => {
  const world = await createWorld(t);
  const { body } = await world.connect("luna");
  const iat = sundayEvening / 1_000;
  const consentAt = async (aheadMinutes: number) => {
    world.clock.now = sundayEvening;
    const claims = { iss: world.googleUrl, aud: "sandbox-client", sub: "1", email: "luna@example.com" };
    const times = { email_verified: true, iat, exp: iat + hour };
    const id_token = `x.${Buffer.from(JSON.stringify({ ...claims, ...times })).toString("base64url")}.x`;
    const tokens = { access_token: "ya29.x", expires_in: 3599, scope: "", id_token };
    const fault = { path: "/token", status: 200, times: 1, body: tokens, headers: { date: "soon" } };
    await world.sandbox("POST", "faults", fault);
    world.clock.now = sundayEvening + aheadMinutes * 60_000;
    return /class="small">(\w+)/.exec((await world.consent(body.shareable_link)).text)?.[1];
  };
  t.equal(await consentAt(0), "scope_missing");
  t.equal(await consentAt(64), "scope_missing", "within the five minutes");
  t.equal(await consentAt(66), "exchange_failed");
});

t.test(
  "a refresh that brings an unbelievable id_token renews the access, and tells no account",
  async (t) => {
    const world = await createWorld(t);
    await world.connected("luna");
    const key = { customerId: "luna", provider: "google" };
    await world.mcp.db
      .withTables<{ oauth_tokens: { account_id: string | null } }>()
      .updateTable("oauth_tokens")
      .set({ account_id: null })
      .execute();
    await world.restart();
    for (const claims of [{ aud: "another-client" }, { iss: "https://elsewhere.example" }, { sub: null }]) {
      await world.sandbox("POST", "faults", { path: "/token", times: 1, id_token: claims });
      world.clock.now += hour * 1_000;
      t.notOk((await world.call("luna", "get_available_slots", { date_iso: "2027-01-19" })).error);
      t.match(await world.mcp.store.connections.find(key), { accountId: null });
    }
  },
);
