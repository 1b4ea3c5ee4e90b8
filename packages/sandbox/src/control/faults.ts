import { z } from "zod";

/** A fault on demand, at any provider. */
export const faultSchema = z.strictObject({
  /** Any method where left out. */
  method: z
    .string()
    .min(1)
    .transform((method) => method.toUpperCase())
    .optional(),
  /** The start of the path, e.g. `/calendar/v3/` or `/token`. */
  path: z.string().startsWith("/"),
  /** Hits only calls whose query has these parameters, e.g. `{"sendUpdates": "all"}`: those that send mail. */
  query: z.record(z.string(), z.string()).optional(),
  /** Whose calls it hits, by their access token or by the refresh token that they bring. Everybody's where left out. */
  email: z
    .string()
    .includes("@")
    .transform((email) => email.toLowerCase())
    .optional(),
  /** How many calls it hits; without it, every one until faults are cleared. */
  times: z.int().positive().optional(),
  status: z.int().min(200).max(599).optional(),
  /** A string is sent as it is, anything else as JSON. Without it, `status` answers the provider's own error. */
  body: z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** What stands behind the status in the answer's first line. */
  status_text: z
    .string()
    .regex(/^[\x20-\x7e]*$/)
    .optional(),
  /** Fills `{{authorization}}`, `{{body}}` and `{{url}}` of the request into body, headers and status text: some servers quote what they were sent. */
  echo: z.boolean().optional(),
  /** Waits before anything else. With nothing else given, the call then goes on as usual. */
  latency_ms: z.number().min(0).max(600_000).optional(),
  /** Breaks the connection: `true` before the call does anything, `"answer"` after it was done, `"body"` amid the answer's body. */
  drop: z.union([z.boolean(), z.enum(["answer", "body"])]).optional(),
  /** Sends the answer's headers at once, and its body in drops over this long. */
  drip_ms: z.number().min(0).max(600_000).optional(),
  /** What `Content-Length` says, whatever the body's length is. */
  content_length: z.int().min(0).optional(),
});

export type Fault = z.infer<typeof faultSchema>;

/** The faults in force. The first that fits, in the order they were added, wins. */
export type Faults<Met extends Fault = Fault> = {
  add(fault: Met): void;
  /** The fault a call runs into, counted against its `times` at once: callers that race share them exactly. */
  take(call: FaultableCall): Met | undefined;
  /** Whether any of them hits one account's calls alone. */
  areByAccount(): boolean;
  /** Removes all; how many there were. */
  clear(): number;
};

export type FaultableCall = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Whose call it is, where that is known. */
  email: string | undefined;
};

export function createFaults<Met extends Fault>(): Faults<Met> {
  let faults: { fault: Met; left: number }[] = [];
  return {
    add(fault) {
      faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    take(call) {
      const hit = faults.find(({ fault }) => hits(fault, call));
      if (!hit) return undefined;
      hit.left--;
      if (hit.left === 0) faults = faults.filter((entry) => entry !== hit);
      return hit.fault;
    },
    areByAccount: () => faults.some(({ fault }) => fault.email !== undefined),
    clear() {
      const count = faults.length;
      faults = [];
      return count;
    },
  };
}

function hits(fault: Fault, { method, path, query, email }: FaultableCall): boolean {
  return (
    (fault.method === undefined || fault.method === method) &&
    path.startsWith(fault.path) &&
    Object.entries(fault.query ?? {}).every(([name, value]) => query.getAll(name).includes(value)) &&
    (fault.email === undefined || fault.email === email)
  );
}
