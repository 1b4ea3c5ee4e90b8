import { join } from "node:path";
import { createServer } from "../../test/support/postgres/server.ts";
import { temporaryFolder } from "../processes.ts";
import type { Benchmark } from "../report.ts";
import { measureBookings } from "./bookings-beside-renewals.ts";
import { measureConsents } from "./mixed-consents.ts";
import { measureStorm } from "./renewal-storm.ts";

/** How the integration service connects accounts, and renews what is due at once, on both databases, and beside bookings. */
export const integrations: readonly Benchmark[] = [
  {
    name: "integrations:consents",
    async measure({ quick }) {
      const consents = quick ? 110 : 1_000;
      return [
        ...(await measureConsents("sqlite", consents)),
        ...(await measureConsents("postgres", consents)),
      ];
    },
  },
  { name: "integrations:bookings", measure: measureBookings },
  {
    name: "integrations:storm",
    async measure({ quick }) {
      const connections = quick ? 500 : 10_000;
      const file = `file:${join(temporaryFolder(), "integrations.db")}`;
      const server = await createServer({ durable: true });
      try {
        return [
          ...(await measureStorm("SQLite", file, connections)),
          ...(await measureStorm("PostgreSQL", server.url, connections)),
        ];
      } finally {
        await server.remove();
      }
    },
  },
];
