/**
 * Local stand-ins for providers, for development and tests: `google/` with OAuth, Calendar v3 events, and its controls under
 * `/_sandbox/`. What any stand-in has, such as faults on demand, is in `control/`. Production code never imports this package.
 */

export { type CallCount, type CallReport, createCallCount } from "./control/call-count.ts";
export { createFaults, type Fault, type Faults, faultSchema } from "./control/faults.ts";
export { interceptCalls } from "./control/interception.ts";

export { buildSandbox, type SandboxOptions } from "./google/app.ts";
export { SANDBOX_CLIENT } from "./google/clients.ts";
export type { GoogleFault } from "./google/control/google-faults.ts";
export type { TokenResponse } from "./google/oauth/token-endpoint.ts";
