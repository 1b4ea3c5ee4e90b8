/**
 * Local stand-ins for providers, for development and tests: `google/` with OAuth, Calendar v3 events, and its controls under
 * `/_sandbox/`; `accounts/` with every provider of the registry, under its host. What any stand-in has, such as faults on
 * demand, is in `control/`. Production code never imports this package.
 */

export { accountRefusals } from "./accounts/refusals/refusals.ts";
export type { RefusalKind, Spelling } from "./accounts/refusals/spelling.ts";
export { SANDBOX_CLIENT } from "./clients.ts";
export { type CallCount, type CallReport, createCallCount } from "./control/call-count.ts";
export { createFaults, type Fault, type Faults, faultSchema } from "./control/faults.ts";
export { interceptCalls } from "./control/interception.ts";
export { buildSandbox, type SandboxOptions } from "./google/app.ts";
export type { GoogleFault } from "./google/control/google-faults.ts";
export type { TokenResponse } from "./google/oauth/token-endpoint.ts";
