/**
 * Agent keys, the bearer tokens with which agents call `/mcp`: the store of their hashes (`agent-key-store.ts`,
 * `migrations.ts`), and the verifier that packages/mcp-endpoint asks whom a key may act for (`agent-key-verifier.ts`). The
 * routes that make, list and revoke keys, and the record of who did, are in the apps.
 */

export {
  type AgentKeyRecord,
  type AgentKeyStore,
  countLiveKeys,
  listBusinessKeys,
  openAgentKeyStore,
} from "./agent-key-store.ts";
export { createAgentKeyVerifier } from "./agent-key-verifier.ts";
export { agentKeyMigrations } from "./migrations.ts";
