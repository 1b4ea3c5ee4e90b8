import type { AccountProvider, RequestTemplate } from "../definition.ts";
import {
  googleAuthorization,
  googleRenewal,
  googleRevocation,
  googleToken,
  hourMs,
  standardTokenResponse,
} from "./presets.ts";

const scope = (name: string) => `https://www.googleapis.com/auth/${name}`;

/** A unit of the project's quota of 10,000 a day. */
const ownChannels: RequestTemplate = {
  ...{ method: "GET", url: "https://www.googleapis.com/youtube/v3/channels", authentication: "bearer" },
  query: { part: "snippet", mine: "true" },
};

/** @see https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps */
export const youtube: AccountProvider = {
  id: "youtube",
  name: "YouTube",
  category: "social",
  accessPage: "myaccount.google.com/permissions",
  clientVariables: [
    { id: "YOUTUBE_CLIENT_ID", secret: "YOUTUBE_CLIENT_SECRET" },
    { id: "GOOGLE_CLIENT_ID", secret: "GOOGLE_CLIENT_SECRET" },
  ],
  settings: [],
  inputs: [],
  identityScopes: ["openid", "email", scope("youtube.readonly")],
  capabilities: [
    { name: "video.upload", scopes: [scope("youtube.upload")], level: "connected" },
    { name: "comments", scopes: [scope("youtube.force-ssl")], level: "connected" },
    { name: "analytics", scopes: [scope("yt-analytics.readonly")], level: "connected" },
  ],
  grant: {
    kind: "authorization_code",
    authorization: googleAuthorization,
    token: googleToken,
    tokenResponse: standardTokenResponse,
    exchanges: [],
    stateLifetimeMs: hourMs,
  },
  identity: {
    ...{
      source: "request",
      request: ownChannels,
      id: ["items[0].id"],
      name: ["items[0].snippet.title"],
      email: [],
    },
    withoutId: "The Google account has no YouTube channel. Choose the account of the channel, or make one.",
  },
  renewal: googleRenewal,
  probe: ownChannels,
  revocation: googleRevocation,
  dialect: "google",
  limits: { requestsPerMinute: 60 },
};
