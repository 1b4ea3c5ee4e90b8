import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import t from "tap";
import { configSchema } from "../apps/admin-api/src/config.ts";
import { adminKey, createWorld, serviceKey } from "./support/world.ts";

/** `fetch` would unpack what it gets. */
async function get(url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    request(url, { headers }, resolve).on("error", reject).end();
  });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const paths = [
  "/docs/",
  "/docs/json",
  "/docs/yaml",
  "/docs/static/swagger-ui-bundle.js",
  "/docs/static/swagger-ui.css",
];

t.test("the API's page is compressed, and kept by browsers", async (t) => {
  const world = await createWorld(t);
  let [wire, whole] = [0, 0];
  for (const path of paths) {
    const plain = await get(`${world.adminUrl}${path}`);
    t.equal(plain.status, 200, path);
    t.equal(plain.headers["content-encoding"], undefined);
    for (const round of ["first", "second"]) {
      const small = await get(`${world.adminUrl}${path}`, { "accept-encoding": "br, gzip;q=0.8" });
      t.equal(small.status, 200);
      t.match(small.headers.vary, "accept-encoding", `${path}, the ${round} time`);
      const isPacked = small.headers["content-encoding"] === "gzip";
      const unpacked = isPacked ? gunzipSync(small.body) : small.body;
      t.ok(unpacked.equals(plain.body), "it says the same");
      if (round === "first") continue;
      wire += small.body.length;
      whole += plain.body.length;
    }
    const refusing = await get(`${world.adminUrl}${path}`, { "accept-encoding": "gzip;q=0, br" });
    t.equal(refusing.headers["content-encoding"], undefined);
  }
  t.ok(whole > 1_500_000 && wire < whole / 3, `${wire} of ${whole} bytes`);
  const file = `${world.adminUrl}/docs/static/swagger-ui-bundle.js`;
  const { headers } = await get(file, { "accept-encoding": "gzip" });
  t.equal(headers["cache-control"], "public, max-age=86400");
  const again = await get(file, { "accept-encoding": "gzip", "if-none-match": headers.etag ?? "" });
  t.match(again, { status: 304, body: { length: 0 } });
  t.equal((await get(`${world.adminUrl}/docs/json`)).headers["cache-control"], "no-store");
  t.equal((await get(`${world.adminUrl}/docs/static/nothing.js`, { "accept-encoding": "gzip" })).status, 404);
});

t.test("it is there on this machine only, unless one says otherwise", async (t) => {
  const docs = (variables: object) =>
    configSchema.parse({ ADMIN_API_KEY: adminKey, CALENDAR_SERVICE_KEY: serviceKey, ...variables })
      .ADMIN_DOCS;
  t.equal(docs({}), true);
  t.equal(docs({ ADMIN_PUBLIC_URL: "http://127.0.0.1:3000" }), true);
  t.equal(docs({ ADMIN_PUBLIC_URL: "https://admin.cita.example" }), false);
  t.equal(docs({ ADMIN_HOST: "0.0.0.0" }), false);
  t.equal(docs({ ADMIN_PUBLIC_URL: "https://admin.cita.example", ADMIN_DOCS: "true" }), true);
  t.equal(docs({ ADMIN_DOCS: "false" }), false);

  const world = await createWorld(t, { variables: { ADMIN_PUBLIC_URL: "https://admin.cita.example" } });
  for (const path of paths) t.equal((await get(`${world.adminUrl}${path}`)).status, 404, path);
  t.equal((await world.api("GET", "/v1/activity")).status, 200);
});
