import { randomBytes } from "node:crypto";
import type { KeyDeliveryGrant, Values } from "@cita/providers/accounts";
import { isRegisteredRedirectUri } from "../../clients.ts";
import { factsOf } from "../documents/account-document.ts";
import { withPaths } from "../documents/with-path.ts";
import type { Incoming } from "../incoming.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { readParams } from "../templates/read-template.ts";
import { orPage } from "./authorization.ts";
import { consentPage } from "./authorization-page.ts";
import { readConsent } from "./consent-form.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { defaultAccount } from "./given-keys.ts";
import { PageRefusal } from "./page-refusal.ts";

const deliveryTimeoutMs = 5_000;

/**
 * A shop's page that makes keys. `GET` shows it, `POST` to the same URL takes its form, as `readConsent` has it. Where the
 * owner allows, the shop posts the keys to the operator's server, and sends the browser back when they have arrived.
 * https://developer.woocommerce.com/docs/apis/rest-api/authentication/#rest-api-keys
 */
export function keyDeliveryEndpoints(
  standIn: StandIn,
  group: ProviderGroup,
  grant: KeyDeliveryGrant,
): readonly Endpoint[] {
  const at = (method: string) => endpointAt(group.lead, method, grant.authorization.url);
  return [
    {
      ...at("GET"),
      answer: orPage(group, (incoming) => {
        const { operator = "" } = readRequest(grant, incoming);
        return consentPage(group, { account: defaultAccount, scopes: null, operator });
      }),
    },
    {
      ...at("POST"),
      answer: orPage(group, async (incoming, inputs) => {
        const request = readRequest(grant, incoming);
        const { isAllowed, account } = readConsent(incoming.body, null);
        if (isAllowed) await deliverKeys(standIn, group, grant, { request, account, inputs });
        const back = new URL(request.return_url ?? "");
        back.searchParams.set("success", isAllowed ? "1" : "0");
        back.searchParams.set(stateParameter(grant), request.state ?? "");
        return { kind: "redirect", url: back.href };
      }),
    },
  ];
}

/** @throws PageRefusal */
function readRequest({ authorization }: KeyDeliveryGrant, { query }: Incoming): Values {
  const { values, isExact } = readParams(authorization.query, query);
  if (!isExact) throw new PageRefusal(`The query needs ${Object.keys(authorization.query).join(", ")}.`);
  for (const url of [values.return_url ?? "", values.delivery_url ?? ""])
    if (!isRegisteredRedirectUri(url)) throw new PageRefusal(`${url} isn't a URL at a loopback host.`);
  return values;
}

function stateParameter({ authorization }: KeyDeliveryGrant): string {
  return Object.entries(authorization.query).find(([, template]) => template === "{state}")?.[0] ?? "state";
}

/** @throws PageRefusal where the keys don't arrive, so that there are none. */
async function deliverKeys(
  { grants }: StandIn,
  group: ProviderGroup,
  { delivery }: KeyDeliveryGrant,
  { request, account, inputs }: { request: Values; account: string; inputs: Values },
): Promise<void> {
  const keys = delivery.keys.map(
    (path) => [path, `${initialsOf(path)}_${randomBytes(20).toString("hex")}`] as const,
  );
  const document = withPaths({ key_id: 1 }, [
    [delivery.state, request.state],
    ...keys,
    [delivery.scope, "read"],
  ]);
  const seed = { groupId: group.id, account, inputs };
  const grant = grants.begin({ ...seed, scopes: null, facts: factsOf(group, seed) });
  grants.addAccessToken(grant, keys.map(([, key]) => key).join(":"), null);
  if (await post(request.delivery_url ?? "", document)) return;
  grants.end([grant]);
  throw new PageRefusal("The keys could not be sent to the application.", 502);
}

async function post(url: string, document: object): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      ...{ method: "POST", redirect: "error", signal: AbortSignal.timeout(deliveryTimeoutMs) },
      ...{ headers: { "content-type": "application/json" }, body: JSON.stringify(document) },
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** `ck` of `consumer_key`. */
function initialsOf(name: string): string {
  return name
    .split("_")
    .map((word) => word.charAt(0))
    .join("");
}
