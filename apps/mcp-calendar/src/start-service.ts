import { openDatabase } from "@cita/database";
import { createLogger } from "@cita/service";
import { createAccessTokens, createKeyRing, openTokenStore } from "@cita/token-store";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.ts";
import type { BookingTiming } from "./bookings/booking-timing.ts";
import { openLedger } from "./bookings/ledger.ts";
import { createGoogleCalendar } from "./calendars/google-calendar.ts";
import type { Config } from "./config.ts";
import { createGoogleIdentity } from "./consent/google-identity.ts";

/** Puts the parts together over a database, and listens. Closing the app closes the database. */
export async function startService(config: Config, timing?: BookingTiming): Promise<FastifyInstance> {
  const db = openDatabase(config.DATABASE_URL);
  const store = await openTokenStore({ db, keys: createKeyRing(config.TOKEN_ENCRYPTION_KEY) });
  const google = {
    clientId: config.GOOGLE_CLIENT_ID,
    clientSecret: config.GOOGLE_CLIENT_SECRET,
    authorizationUrl: config.GOOGLE_AUTHORIZATION_URL,
    tokenUrl: config.GOOGLE_TOKEN_URL,
    revocationUrl: config.GOOGLE_REVOCATION_URL,
    scopes: config.GOOGLE_SCOPES,
    publicUrl: config.MCP_PUBLIC_URL,
  };
  const identity = createGoogleIdentity(google);
  const accessTokens = createAccessTokens({ connections: store.connections, refreshGrant: identity.refresh });
  const app = await buildApp({
    logger: createLogger(config.LOG_LEVEL),
    store,
    ledger: await openLedger({ db }),
    calendar: createGoogleCalendar({ accessTokens, apiUrl: config.GOOGLE_API_URL }),
    identity,
    google,
    serviceKey: config.CALENDAR_SERVICE_KEY,
    headerOnly: config.MCP_HEADER_ONLY,
    linkLifetimeMs: config.CONSENT_LINK_DAYS * 86_400_000,
    successUrl: config.OAUTH_SUCCESS_URL,
    timing,
  });
  app.addHook("onClose", () => db.destroy());
  await app.listen({ host: config.MCP_HOST, port: config.MCP_PORT });
  return app;
}
