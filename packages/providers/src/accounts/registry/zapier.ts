import type { AccountProvider } from "../definition.ts";
import { hourMs, secretInput } from "./presets.ts";

/**
 * A catch hook: its URL is the access. Zapier's OAuth needs an integration in its public directory.
 * @see https://help.zapier.com/hc/en-us/articles/8496288690317
 */
export const zapier: AccountProvider = {
  id: "zapier",
  name: "Zapier",
  category: "messages",
  accessPage: "zapier.com/app/zaps",
  clientVariables: [],
  settings: [],
  inputs: [
    secretInput({
      name: "url",
      pattern: /^https:\/\/hooks\.zapier\.com\/hooks\/catch\/\d{1,20}\/[\w-]{1,100}\/?$/,
      expected: "a URL that begins with https://hooks.zapier.com/hooks/catch/",
      example: "https://hooks.zapier.com/hooks/catch/…",
    }),
  ],
  identityScopes: [],
  capabilities: [{ name: "notify", scopes: [], level: "connected" }],
  grant: { kind: "hook_url", input: "url", stateLifetimeMs: hourMs },
  identity: { source: "input", input: "url" },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  // Whatever is sent there starts the person's zap.
  probe: null,
  revocation: null,
  dialect: "http_only",
  limits: { requestsPerMinute: 60 },
};
