import type { Fault } from "@cita/sandbox";

const page = "<!doctype html><h1>Maintenance</h1>";
const json = { "content-type": "application/json" };

/** Longer than `providerTimeoutMs` of the tests that use it. */
export const beyondTimeoutMs = 1_500;
export const providerTimeoutMs = 1_000;

/**
 * What may pass by itself: whatever answers so, no provider has ended an access. None of them lets the provider do what it
 * was asked, since a renewal that was done and not heard of is another matter with strict rotation.
 */
export const passingFaults: Readonly<Record<string, Omit<Partial<Fault>, "path">>> = {
  "the connection is reset": { drop: true },
  "the connection breaks amid the answer": { status: 200, headers: json, body: { a: page }, drop: "body" },
  "no answer in time": { latency_ms: beyondTimeoutMs, status: 503 },
  "500": { status: 500 },
  "503 with a page": { status: 503, body: page },
  "503 that says invalid_grant": { status: 503, body: { error: "invalid_grant" } },
  "429": { status: 429 },
  "429 with a page": { status: 429, body: page },
  "401 with a page": { status: 401, body: page },
  "404 with a page": { status: 404, body: page },
  "200 with a page": { status: 200, body: page },
  "200 with nothing": { status: 200, body: "" },
  "200 with half a document": { status: 200, headers: json, body: '{"access_token":"cut-' },
  "200 with null": { status: 200, headers: json, body: "null" },
  "200 that doesn't end": { status: 200, body: "x".repeat(300_000) },
  "a redirect": { status: 302, headers: { location: "http://127.0.0.1:1/" }, body: "" },
};
