/** What the canaries have shown of the integration service on SQLite. */
process.env.TEST_DATABASE = "postgres";
await import("./integrations-canaries.test.ts");
