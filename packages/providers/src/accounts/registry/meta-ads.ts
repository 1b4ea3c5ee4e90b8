import type { AccountProvider } from "../definition.ts";
import { metaAccount } from "./facebook.ts";

/** @see https://developers.facebook.com/docs/marketing-api/get-started */
export const metaAds: AccountProvider = {
  id: "meta-ads",
  name: "Meta Ads",
  category: "marketing",
  clientVariables: [
    { id: "META_ADS_CLIENT_ID", secret: "META_ADS_CLIENT_SECRET" },
    { id: "META_APP_ID", secret: "META_APP_SECRET" },
  ],
  ...metaAccount,
  identityScopes: ["public_profile"],
  capabilities: [
    {
      name: "campaigns",
      scopes: ["ads_management", "ads_read", "business_management"],
      level: "connected",
    },
    { name: "analytics", scopes: ["read_insights"], level: "connected" },
  ],
};
