import type { ProviderFaults } from "./tested-provider.ts";

const deadGrant = { error: "invalid_grant" };
const refusal = (reason: string) => ({
  status: 403,
  body: { error: { code: 403, errors: [{ domain: "global", reason }] } },
});

/** What only Google answers, and what comes of each fault there. */
export const googleFaults: ProviderFaults = {
  own: {
    "403 for the rate": refusal("rateLimitExceeded"),
    "403 for the day's quota": refusal("quotaExceeded"),
    "403 for the API": refusal("accessNotConfigured"),
    "403 for the scope": refusal("insufficientPermissions"),
    invalid_grant: { status: 400, body: deadGrant },
    "invalid_grant with 200": { status: 200, body: deadGrant },
    "invalid_grant with 503": { status: 503, body: deadGrant },
    invalid_rapt: { status: 400, body: { ...deadGrant, error_subtype: "invalid_rapt" } },
    invalid_client: { status: 401, body: { error: "invalid_client" } },
  },
  reconnectReasons: {
    "403 for the scope": "insufficientPermissions",
    invalid_grant: "invalid_grant",
    invalid_rapt: "invalid_rapt",
  },
  tables: {
    reads: `
                             | list          | get
  no answer in time          | unavailable 1 | unavailable 1
  a body that drips          | unavailable 1 | unavailable 1
  a reset                    | unavailable 3 | unavailable 3
  a reset, once              | ok 2          | ok 2
  a reset, all done          | unavailable 3 | unavailable 3
  a reset once, all done     | ok 2          | ok 2
  a body that breaks off     | unavailable 3 | unavailable 3
  too long a Content-Length  | unavailable 3 | unavailable 3
  too short a Content-Length | unavailable 1 | unavailable 1
  200 in HTML                | unavailable 1 | unavailable 1
  200 with half its JSON     | unavailable 1 | unavailable 1
  200 that says nothing      | unavailable 1 | unavailable 1
  a 400                      | unavailable 1 | unavailable 1
  a 401                      | unavailable 2 | unavailable 2
  a 401, once                | ok 2          | ok 2
  403 for the rate           | limited 3     | limited 3
  403 for the day's quota    | limited 1     | limited 1
  403 for the API            | unavailable 1 | unavailable 1
  403 for the scope          | reconnect 1   | reconnect 1
  403 in HTML                | unavailable 1 | unavailable 1
  a 404                      | unavailable 1 | unavailable 2
  a 409                      | unavailable 1 | unavailable 1
  a 412                      | unavailable 1 | unavailable 1
  a 429                      | limited 3     | limited 3
  a 429, once                | ok 2          | ok 2
  429 once, for no time      | ok 2          | ok 2
  429 for 30 seconds         | limited 1     | limited 1
  a 500                      | unavailable 3 | unavailable 3
  502 in HTML                | unavailable 3 | unavailable 3
  a 503                      | unavailable 3 | unavailable 3
  a 503, once                | ok 2          | ok 2
  invalid_grant              | unavailable 1 | unavailable 1
  invalid_rapt               | unavailable 1 | unavailable 1
  invalid_client             | unavailable 2 | unavailable 2
`,
    writes: `
                             | insert        | patch         | delete
  no answer in time          | unavailable 2 | unavailable 3 | unavailable 1
  a body that drips          | unavailable 1 | ok 1          | ok 1
  a reset                    | unavailable 6 | unavailable 3 | unavailable 3
  a reset, once              | ok 2          | ok 2          | ok 2
  a reset, all done          | unavailable 3 | ok 1          | unavailable 3
  a reset once, all done     | ok 2          | ok 1          | ok 2
  a body that breaks off     | unavailable 3 | ok 1          | ok 1
  too long a Content-Length  | unavailable 3 | ok 1          | ok 1
  too short a Content-Length | unavailable 1 | ok 1          | ok 1
  200 in HTML                | unavailable 2 | unavailable 3 | unavailable 1
  200 with half its JSON     | unavailable 2 | unavailable 3 | unavailable 1
  200 that says nothing      | unavailable 2 | unavailable 3 | unavailable 1
  a 400                      | unavailable 1 | unavailable 1 | unavailable 1
  a 401                      | unavailable 2 | unavailable 2 | unavailable 2
  a 401, once                | ok 2          | ok 2          | ok 2
  403 for the rate           | limited 3     | limited 3     | limited 3
  403 for the day's quota    | limited 1     | limited 2     | limited 2
  403 for the API            | unavailable 1 | unavailable 1 | unavailable 1
  403 for the scope          | reconnect 1   | unavailable 1, reconnect_required| reconnect 1
  403 in HTML                | unavailable 1 | unavailable 1 | unavailable 1
  a 404                      | unavailable 1 | unavailable 3 | unavailable 1
  a 409                      | unavailable 2 | unavailable 1 | unavailable 1
  a 412                      | unavailable 1 | unavailable 3 | unavailable 3
  a 429                      | limited 3     | limited 3     | limited 3
  a 429, once                | ok 2          | ok 2          | ok 2
  429 once, for no time      | ok 2          | ok 2          | ok 2
  429 for 30 seconds         | limited 1     | unavailable 1 | limited 1
  a 500                      | unavailable 6 | unavailable 3 | unavailable 3
  502 in HTML                | unavailable 6 | unavailable 3 | unavailable 3
  a 503                      | unavailable 6 | unavailable 3 | unavailable 3
  a 503, once                | ok 2          | ok 2          | ok 2
  invalid_grant              | unavailable 1 | unavailable 1 | unavailable 1
  invalid_rapt               | unavailable 1 | unavailable 1 | unavailable 1
  invalid_client             | unavailable 2 | unavailable 2 | unavailable 2
`,
    oauth: `
                             | refresh       | exchange  | revoke
  no answer in time          | unavailable 1 | failed 1  | unconfirmed 1
  a body that drips          | unavailable 1 | failed 1  | unconfirmed 1
  a reset                    | unavailable 1 | failed 1  | unconfirmed 1
  a reset, all done          | unavailable 1 | failed 1  | unconfirmed 1
  a body that breaks off     | unavailable 1 | failed 1  | unconfirmed 1
  too long a Content-Length  | unavailable 1 | failed 1  | unconfirmed 1
  too short a Content-Length | unavailable 1 | failed 1  | unconfirmed 1
  200 in HTML                | unavailable 1 | failed 1  | unconfirmed 1
  200 with half its JSON     | unavailable 1 | failed 1  | unconfirmed 1
  200 that says nothing      | unavailable 1 | failed 1  | ok 1
  a 400                      | unavailable 1 | failed 1  | unconfirmed 1
  a 401                      | unavailable 1 | failed 1  | unconfirmed 1
  403 for the rate           | limited 1     | failed 1  | unconfirmed 1
  403 in HTML                | unavailable 1 | failed 1  | unconfirmed 1
  a 404                      | unavailable 1 | failed 1  | unconfirmed 1
  a 409                      | unavailable 1 | failed 1  | unconfirmed 1
  a 429                      | limited 1     | failed 1  | unconfirmed 1
  429 once, for no time      | limited 1     | failed 1  | unconfirmed 1
  429 for 30 seconds         | limited 1     | failed 1  | unconfirmed 1
  a 500                      | unavailable 1 | failed 1  | unconfirmed 1
  502 in HTML                | unavailable 1 | failed 1  | unconfirmed 1
  a 503                      | unavailable 1 | failed 1  | unconfirmed 1
  invalid_grant              | reconnect 1   | refused 1 | unconfirmed 1
  invalid_grant with 503     | unavailable 1 | failed 1  | unconfirmed 1
  invalid_grant with 200     | unavailable 1 | failed 1  | unconfirmed 1
  invalid_rapt               | reconnect 1   | refused 1 | unconfirmed 1
  invalid_client             | unavailable 1 | failed 1  | unconfirmed 1
`,
  },
};
