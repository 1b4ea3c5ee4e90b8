export {
  type AgentKeyRecord,
  type AgentKeyStore,
  countLiveKeys,
  listBusinessKeys,
  openAgentKeyStore,
} from "./agent-key-store.ts";
export { createAgentKeyVerifier } from "./agent-key-verifier.ts";
export { agentKeyMigrations } from "./migrations.ts";
