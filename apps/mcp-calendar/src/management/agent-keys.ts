import type { AgentKeyRecord, AgentKeyStore } from "@cita/agent-keys";
import type {
  AgentKeyOwner,
  AgentKeysResponse,
  AgentKeyView,
  CreateAgentKeyRequest,
  NewAgentKeyView,
} from "@cita/calendar-api";
import type { Precondition } from "@cita/database";
import { dayMs } from "@cita/scheduling";

/** What admin-api may do about agents' keys: those of a customer, or the platform's. */
export type ManagedAgentKeys = {
  list(owner: AgentKeyOwner): Promise<AgentKeysResponse>;
  /** @throws TooManyAgentKeysError */
  create(
    owner: AgentKeyOwner,
    request: CreateAgentKeyRequest,
    precondition?: Precondition,
  ): Promise<NewAgentKeyView>;
  /** @throws AgentKeyNotFoundError */
  revoke(owner: AgentKeyOwner, keyId: number): Promise<AgentKeyView>;
};

/** The owner never had such a key. */
export class AgentKeyNotFoundError extends Error {
  override readonly name = "AgentKeyNotFoundError";
  readonly code = "agent_key_not_found";
  readonly statusCode = 404;
  constructor() {
    super("There is no agent key with this id here.");
  }
}

type Deps = { keys: AgentKeyStore; now: () => number };

export function createManagedAgentKeys({ keys, now }: Deps): ManagedAgentKeys {
  const toView = (record: AgentKeyRecord) => toViewAt(record, now());
  return {
    list: async (owner) => ({ agent_keys: (await keys.list(owner)).map(toView) }),

    async create(owner, { name, audience = "business", expires_in_days }, precondition) {
      const expiresAt = expires_in_days === undefined ? null : now() + expires_in_days * dayMs;
      const { key, record } = await keys.create(owner, { name, audience, expiresAt }, precondition);
      return { ...toView(record), key };
    },

    async revoke(owner, keyId) {
      const record = await keys.revoke(owner, keyId);
      if (record === undefined) throw new AgentKeyNotFoundError();
      return toView(record);
    },
  };
}

function toViewAt(record: AgentKeyRecord, at: number): AgentKeyView {
  return {
    key_id: record.id,
    name: record.name,
    audience: record.audience,
    last_characters: record.lastCharacters,
    state: stateAt(record, at),
    created_at: new Date(record.createdAt).toISOString(),
    expires_at: isoOrNull(record.expiresAt),
    last_used_at: isoOrNull(record.lastUsedAt),
    revoked_at: isoOrNull(record.revokedAt),
  };
}

function stateAt({ revokedAt, expiresAt }: AgentKeyRecord, at: number): AgentKeyView["state"] {
  if (revokedAt !== null) return "revoked";
  return expiresAt === null || expiresAt > at ? "live" : "expired";
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
