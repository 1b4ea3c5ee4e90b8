import type { ConnectionStore } from "@cita/token-store";
import type { RecordActivity } from "./recorder.ts";

/** The same connections; one that only a new consent can mend is recorded when that is found out. */
export function recordLostConnections(connections: ConnectionStore, record: RecordActivity): ConnectionStore {
  return {
    ...connections,
    async requireReconnect(...given) {
      const [connection, reason] = given;
      const recorded = await connections.requireReconnect(...given);
      if (recorded) {
        await record({ customerId: connection.customerId, kind: "reconnect_required", detail: { reason } });
      }
      return recorded;
    },
  };
}
