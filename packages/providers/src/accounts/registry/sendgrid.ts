import type { AccountProvider } from "../definition.ts";
import { hourMs, secretInput } from "./presets.ts";

/** @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication */
export const sendgrid: AccountProvider = {
  id: "sendgrid",
  name: "SendGrid",
  category: "mail",
  accessPage: "app.sendgrid.com/settings/api_keys",
  clientVariables: [],
  settings: [{ name: "sendgrid_host", variable: "SENDGRID_API_HOST", preset: "api.sendgrid.com" }],
  inputs: [
    secretInput({
      name: "api_key",
      pattern: /^SG\.[\w.-]{20,200}$/,
      expected: "an API key that begins with SG.",
      example: "SG.…",
    }),
  ],
  identityScopes: [],
  capabilities: [{ name: "email.send", scopes: ["mail.send"], level: "connected" }],
  grant: { kind: "api_key", input: "api_key", stateLifetimeMs: hourMs },
  identity: {
    source: "request",
    request: {
      ...{ method: "GET", url: "https://{sendgrid_host}/v3/user/username", authentication: "bearer" },
    },
    ...{ id: ["user_id"], name: ["username"], email: [], withoutId: null },
  },
  renewal: { kind: "none", accessLifetimeSeconds: null },
  probe: { method: "GET", url: "https://{sendgrid_host}/v3/scopes", authentication: "bearer" },
  revocation: null,
  dialect: "http_only",
  limits: { requestsPerMinute: 300 },
};
