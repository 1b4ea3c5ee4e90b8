import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGuardedSend } from "@cita/egress";
import { accountProviders, createAccountClients, sendByFetch } from "@cita/providers/accounts";
import t, { type Test } from "tap";

/** Something in the operator's own network, and clients as they are in production. */
async function openClients(t: Test) {
  let reached = 0;
  const server = createServer((_request, response) => {
    reached += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const guarded = createGuardedSend({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
  t.teardown(() => guarded.close());
  const sentUnguarded: string[] = [];
  const clients = createAccountClients({
    providers: accountProviders,
    configured: accountProviders.map(({ id, settings }) => ({
      ...{ providerId: id, clientId: "client", clientSecret: "secret" },
      settings: Object.fromEntries(settings.map(({ name, preset }) => [name, preset ?? "setting"])),
    })),
    redirectUri: (id) => `https://integrations.example/${id}`,
    senders: {
      toNamedHost: guarded.send,
      async toProvider(url, request, limits) {
        const { host } = new URL(url);
        sentUnguarded.push(host);
        if (host.includes("127.0.0.1") || host.includes("localhost"))
          return sendByFetch(url, request, limits);
        return { status: 503, headers: new Headers(), text: "" };
      },
      ...{ hostsAt: undefined, timeoutMs: 1_000 },
    },
  });
  return { clients, port, sentUnguarded, reached: () => reached };
}

const access = {
  ...{ accessToken: "access", refreshToken: "refresh", issuedAt: new Date(0), expiresAt: null },
};

t.test("a host that a person or an answer has named leads to no own network", async (t) => {
  const { clients, port, sentUnguarded, reached } = await openClients(t);
  const hosts = [
    ...[`127.0.0.1:${port}`, `localhost:${port}`, `2130706433:${port}`, `0x7f.1:${port}`, `0:${port}`],
    ...[`[::1]:${port}`, `[::ffff:127.0.0.1]:${port}`, "169.254.169.254", "metadata.google.internal"],
    ...[
      `rebound.example:${port}`,
      `a@127.0.0.1:${port}`,
      `127.0.0.1:${port}/x`,
      `127.0.0.1:${port}#`,
      "",
      "..",
      "%",
    ],
  ];
  for (const host of hosts) {
    for (const [id, values] of [
      ["salesforce", { inputs: { login_host: host }, facts: { instance_host: host } }],
      ["shopify", { inputs: { shop: host }, facts: {} }],
      ["woocommerce", { inputs: { store: host }, facts: {} }],
    ] as const) {
      const client = clients.get(id);
      if (client === undefined) throw new Error(`there is no ${id}`);
      t.match(await client.probe({ ...access, ...values }), { kind: "transient" }, `${id} at ${host}`);
      t.match((await client.renew({ ...access, ...values })).kind, /^(?:transient|not_renewable)$/);
      t.not(await client.revoke({ ...access, ...values }), "revoked");
    }
  }
  t.equal(reached(), 0);
  t.strictSame(sentUnguarded, [], "nothing passes by the guarded client");
});

t.test("every URL with a host of the connection's is sent by the guarded client alone", async (t) => {
  const { clients, sentUnguarded } = await openClients(t);
  for (const client of clients.values()) {
    const { inputs } = client.provider;
    const named = Object.fromEntries(inputs.map(({ name }) => [name, "named.example"]));
    const facts = { instance_host: "named.example", stripe_account: "acct_1" };
    await client.probe({ ...access, inputs: named, facts });
    await client.renew({ ...access, inputs: named, facts });
    await client.revoke({ ...access, inputs: named, facts });
  }
  t.notOk(sentUnguarded.includes("named.example"));
  t.ok(sentUnguarded.length > 20, "providers' own hosts are reached directly");
});
