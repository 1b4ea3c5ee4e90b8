import type { AccountDialectName } from "@cita/providers/accounts";

/** What a success says besides its content: `oauth` at the authorization server, `call` everywhere else. */
export const successes = {
  rfc6749: { oauth: {}, call: {} },
  described: { oauth: {}, call: {} },
  google: { oauth: {}, call: {} },
  microsoft: { oauth: {}, call: {} },
  meta: { oauth: {}, call: {} },
  slack: { oauth: { ok: true }, call: { ok: true } },
  tiktok_v2: { oauth: {}, call: { error: { code: "ok", message: "", log_id: "sandbox" } } },
  tiktok_business: { oauth: { code: 0, message: "OK" }, call: { code: 0, message: "OK" } },
  stripe: { oauth: {}, call: {} },
  shopify: { oauth: {}, call: {} },
  http_only: { oauth: {}, call: {} },
} satisfies Record<AccountDialectName, { readonly oauth: object; readonly call: object }>;
