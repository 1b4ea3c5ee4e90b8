import { eraOf } from "@cita/mcp-endpoint";
import {
  classifyInboundRequest,
  isJSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import t from "tap";

/** Every combination of what there is for each member. */
function* combinations(
  choices: Readonly<Record<string, readonly unknown[]>>,
): Generator<Record<string, unknown>> {
  const [[name, values] = [], ...others] = Object.entries(choices);
  if (name === undefined || values === undefined) return yield {};
  for (const rest of combinations(Object.fromEntries(others))) {
    for (const value of values) yield value === undefined ? rest : { [name]: value, ...rest };
  }
}

const claim = { [PROTOCOL_VERSION_META_KEY]: "2026-07-28" };
const bodies = {
  jsonrpc: ["2.0", "1.0"],
  id: [1, "", 1.5, 2 ** 60, null, undefined],
  method: ["tools/call", "initialize", 1, undefined],
  params: [undefined, { a: 1 }, { _meta: {} }, { _meta: claim }, { _meta: null }, [], null, "a"],
  result: [undefined, {}],
  error: [undefined, { code: 1, message: "a" }],
  extra: [undefined, 1],
};
const versions = [undefined, "2025-11-25", " 2025-11-25", "2026-07-28", "a"];

t.test("what is taken for a request of the older era at first sight is one by the SDK's rules", async (t) => {
  let asked = 0;
  const eras = { legacy: 0, modern: 0, reject: 0 };
  const others: unknown[] = [];
  for (const body of combinations(bodies)) {
    for (const version of versions) {
      const era = eraOf({ body, version, method: undefined, name: undefined });
      const { kind } = classifyInboundRequest({ httpMethod: "POST", protocolVersionHeader: version, body });
      const message = isJSONRPCRequest(body) ? body : undefined;
      const isTheSame = era.kind === kind && (era.kind !== "legacy" || era.message === message);
      if (!isTheSame) others.push({ body, version, era, kind });
      eras[era.kind] += 1;
      asked += 1;
    }
  }
  t.strictSame(others, []);
  t.equal(asked, 2 * 6 * 4 * 8 * 2 * 2 * 2 * 5);
  for (const [era, times] of Object.entries(eras)) t.ok(times > 10, `${era}: ${times}`);
});

t.test("so is what isn't an object", async (t) => {
  for (const body of [undefined, null, 1, "a", true, [], [{ jsonrpc: "2.0", id: 1, method: "ping" }]]) {
    const { kind } = classifyInboundRequest({ httpMethod: "POST", body });
    t.match(eraOf({ body, version: undefined, method: undefined, name: undefined }), { kind });
  }
});
