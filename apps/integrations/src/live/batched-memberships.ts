import { setImmediate as untilNextTurn } from "node:timers/promises";
import type { BelongsTo } from "../access/caller.ts";
import type { PeopleApi } from "../access/people-api.ts";

type Batch = { readonly userIds: Set<string>; readonly members: Promise<ReadonlySet<string>> };

/** As many as one request may ask of. */
const maxUserIds = 500;

/**
 * Asks admin-api once for all who watch an event of a customer at the same time. Nothing is remembered: the next event is
 * asked about anew, since a membership may end at any time.
 */
export function createBatchedMemberships({ membersAmong }: Pick<PeopleApi, "membersAmong">): BelongsTo {
  const open = new Map<string, Batch>();

  function openBatch(customerId: string): Batch {
    const userIds = new Set<string>();
    const members = untilNextTurn().then(() => {
      if (open.get(customerId) === batch) open.delete(customerId);
      return membersAmong([...userIds], customerId);
    });
    const batch = { userIds, members };
    open.set(customerId, batch);
    return batch;
  }

  return async (userId, customerId) => {
    const waiting = open.get(customerId);
    const batch =
      waiting !== undefined && waiting.userIds.size < maxUserIds ? waiting : openBatch(customerId);
    batch.userIds.add(userId);
    return (await batch.members).has(userId);
  };
}
