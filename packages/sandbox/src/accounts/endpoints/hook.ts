import { jsonAnswer } from "../answer.ts";
import type { ProviderGroup } from "../provider-groups.ts";
import type { StandIn } from "../stand-in.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";

const maxMessages = 1_000;

/** Takes and remembers whatever is sent to a URL of this pattern. */
export function hookEndpoint({ messages }: StandIn, { lead }: ProviderGroup, pattern: RegExp): Endpoint {
  return {
    ...endpointAt(lead, "POST", ""),
    readUrl: (url) => (pattern.test(url) ? {} : undefined),
    answer({ url, request }) {
      messages.push({ providerId: lead.id, url, body: request.body ?? null });
      if (messages.length > maxMessages) messages.shift();
      return jsonAnswer({ status: "success", id: `sandbox-${messages.length}` });
    },
  };
}
