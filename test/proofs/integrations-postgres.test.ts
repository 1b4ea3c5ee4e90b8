/** What `npm test` has shown of the integration service on SQLite. */
process.env.TEST_DATABASE = "postgres";
await import("../integrations-connect.test.ts");
await import("../integrations-refusals.test.ts");
await import("../integrations-maintenance.test.ts");
await import("../integrations-live.test.ts");
await import("../integrations-double-requests.test.ts");
await import("../integrations-confirm-later.test.ts");
await import("../integrations-ready.test.ts");
