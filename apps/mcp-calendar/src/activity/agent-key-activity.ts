import type { AgentKeyRecord, AgentKeyStore } from "@cita/agent-keys";
import type { RecordActivity } from "./recorder.ts";

/** Wraps the store of agent keys: records that a key was made or revoked. */
export function recordAgentKeys(keys: AgentKeyStore, record: RecordActivity): AgentKeyStore {
  return {
    ...keys,

    async create(...given) {
      const made = await keys.create(...given);
      const { id, audience, expiresAt } = made.record;
      await record({
        customerId: customerOf(made.record),
        kind: "agent_key_created",
        once: `agent_key_created ${id}`,
        detail: {
          ...describe(made.record),
          audience,
          expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        },
      });
      return made;
    },

    async revoke(...given) {
      const revoked = await keys.revoke(...given);
      if (revoked !== undefined) {
        await record({
          customerId: customerOf(revoked),
          kind: "agent_key_revoked",
          once: `agent_key_revoked ${revoked.id}`,
          detail: describe(revoked),
        });
      }
      return revoked;
    },
  };
}

function customerOf({ owner }: AgentKeyRecord): string | null {
  return owner === "platform" ? null : owner.customerId;
}

function describe({ id, name, lastCharacters }: AgentKeyRecord) {
  return { key_id: id, name, last_characters: lastCharacters };
}
