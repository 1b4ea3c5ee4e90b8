import { setImmediate as untilNextTurn } from "node:timers/promises";
import type { BelongsTo } from "../access/caller.ts";
import type { PeopleApi } from "../access/people-api.ts";

/** As many as one request may ask of, of each. */
const maxIds = 500;

/**
 * Asks admin-api once for all that is asked in the same turn of the event loop: of whoever watches, and of all customers
 * that something has happened to. Nothing is remembered, since a membership may end at any time.
 */
export function createBatchedMemberships({
  membershipsAmong,
}: Pick<PeopleApi, "membershipsAmong">): BelongsTo {
  let waiting: Batch | undefined;

  function openBatch(): Batch {
    const [userIds, customerIds] = [new Set<string>(), new Set<string>()];
    const answer = untilNextTurn().then(() => {
      if (waiting === batch) waiting = undefined;
      return membershipsAmong([...userIds], [...customerIds]);
    });
    const batch = { userIds, customerIds, answer };
    return batch;
  }

  return async (userId, customerId) => {
    const isFull = ({ userIds, customerIds }: Batch) =>
      (userIds.size === maxIds && !userIds.has(userId)) ||
      (customerIds.size === maxIds && !customerIds.has(customerId));
    if (waiting === undefined || isFull(waiting)) waiting = openBatch();
    const { userIds, customerIds, answer } = waiting;
    userIds.add(userId);
    customerIds.add(customerId);
    return (await answer)(userId, customerId);
  };
}

type Batch = {
  readonly userIds: Set<string>;
  readonly customerIds: Set<string>;
  readonly answer: ReturnType<PeopleApi["membershipsAmong"]>;
};
