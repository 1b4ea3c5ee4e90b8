import { described } from "./described.ts";
import { google } from "./google.ts";
import { meta } from "./meta.ts";
import { microsoft } from "./microsoft.ts";
import { rfc6749 } from "./rfc6749.ts";
import { shopify } from "./shopify.ts";
import { slack } from "./slack.ts";
import { stripe } from "./stripe.ts";
import { tiktokBusiness, tiktokV2 } from "./tiktok.ts";
import { type AccountDialect, byStatus } from "./verdict.ts";

/** How providers spell their answers, by the names in the definitions. */
export const accountDialects = {
  rfc6749,
  described,
  google,
  microsoft,
  meta,
  slack,
  tiktok_v2: tiktokV2,
  tiktok_business: tiktokBusiness,
  stripe,
  shopify,
  /** Statuses alone. */
  http_only: byStatus,
} satisfies Readonly<Record<string, AccountDialect>>;

export type AccountDialectName = keyof typeof accountDialects;
