import { changesOf, type McpCall, sendMcp, signOfSuccess } from "./mcp-call.ts";
import type { Rig } from "./rig.ts";

/** Books appointments, to be moved and cancelled: each cancellation is of one that a move has moved. */
export async function makeChanges(
  { bookings }: Rig,
  serviceUrl: string,
  count: number,
): Promise<{ moves: McpCall[]; cancels: McpCall[] }> {
  const moves: McpCall[] = [];
  const cancels: McpCall[] = [];
  for (let i = 0; i < count; i++) {
    const [booking, other] = bookings.takeTwo();
    const answer = await sendMcp(serviceUrl, booking, signOfSuccess.book);
    const [move, cancel] = changesOf(booking, answer, other);
    moves.push(move);
    cancels.push(cancel);
  }
  return { moves, cancels };
}
