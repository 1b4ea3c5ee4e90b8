import type { ProviderFaults } from "../tested-provider.ts";

const refusal = (fault: string, more: object = {}) => ({ status: 200, body: { ok: false, fault }, ...more });

/** What only the made-up provider answers, and what comes of each fault there. */
export const agendaFaults: ProviderFaults = {
  own: {
    "slow_down with 200": refusal("slow_down"),
    "slow_down for 30 seconds": refusal("slow_down", { headers: { "retry-after": "30" } }),
    "token_stale with 200": refusal("token_stale"),
    "token_stale, once": refusal("token_stale", { times: 1 }),
    not_granted: refusal("not_granted"),
    account_closed: refusal("account_closed"),
    no_such_entry: refusal("no_such_entry"),
    "stale unasked": refusal("stale"),
    "entry_exists, of none": refusal("entry_exists"),
    no_such_word: refusal("no_such_word"),
    grant_gone: refusal("grant_gone"),
    "grant_gone with 503": refusal("grant_gone", { status: 503 }),
    client_unknown: refusal("client_unknown"),
  },
  reconnectReasons: { not_granted: "not_granted", grant_gone: "grant_gone" },
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
  too short a Content-Length | unavailable 3 | unavailable 3
  200 in HTML                | unavailable 3 | unavailable 3
  200 with half its JSON     | unavailable 3 | unavailable 3
  200 that says nothing      | unavailable 3 | unavailable 3
  a 400                      | unavailable 3 | unavailable 3
  a 401                      | unavailable 2 | unavailable 2
  a 401, once                | ok 2          | ok 2
  403 in HTML                | unavailable 3 | unavailable 3
  a 404                      | unavailable 1 | unavailable 1
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
  slow_down with 200         | limited 3     | limited 3
  slow_down for 30 seconds   | limited 1     | limited 1
  token_stale with 200       | unavailable 2 | unavailable 2
  token_stale, once          | ok 2          | ok 2
  not_granted                | reconnect 1   | reconnect 1
  account_closed             | unavailable 1 | unavailable 1
  no_such_entry              | unavailable 1 | unavailable 2
  stale unasked              | unavailable 1 | unavailable 1
  entry_exists, of none      | unavailable 1 | unavailable 1
  no_such_word               | unavailable 1 | unavailable 1
`,
    writes: `
                             | insert        | patch                             | delete
  no answer in time          | unavailable 2 | unavailable 3                     | unavailable 1
  a body that drips          | unavailable 2 | ok 1                              | unavailable 1
  a reset                    | unavailable 6 | unavailable 3                     | unavailable 3
  a reset, once              | ok 2          | ok 2                              | ok 2
  a reset, all done          | unavailable 6 | ok 1                              | unavailable 3
  a reset once, all done     | ok 2          | ok 1                              | ok 2
  a body that breaks off     | unavailable 6 | ok 1                              | unavailable 3
  too long a Content-Length  | unavailable 6 | ok 1                              | unavailable 3
  too short a Content-Length | unavailable 6 | ok 1                              | unavailable 3
  200 in HTML                | unavailable 6 | unavailable 3                     | unavailable 3
  200 with half its JSON     | unavailable 6 | unavailable 3                     | unavailable 3
  200 that says nothing      | unavailable 6 | unavailable 3                     | unavailable 3
  a 400                      | unavailable 6 | unavailable 3                     | unavailable 3
  a 401                      | unavailable 2 | unavailable 2                     | unavailable 2
  a 401, once                | ok 2          | ok 2                              | ok 2
  403 in HTML                | unavailable 6 | unavailable 3                     | unavailable 3
  a 404                      | unavailable 1 | unavailable 1                     | unavailable 1
  a 409                      | unavailable 1 | unavailable 1                     | unavailable 1
  a 412                      | unavailable 1 | unavailable 1                     | unavailable 1
  a 429                      | limited 3     | limited 3                         | limited 3
  a 429, once                | ok 2          | ok 2                              | ok 2
  429 once, for no time      | ok 2          | ok 2                              | ok 2
  429 for 30 seconds         | limited 1     | unavailable 1                     | limited 1
  a 500                      | unavailable 6 | unavailable 3                     | unavailable 3
  502 in HTML                | unavailable 6 | unavailable 3                     | unavailable 3
  a 503                      | unavailable 6 | unavailable 3                     | unavailable 3
  a 503, once                | ok 2          | ok 2                              | ok 2
  slow_down with 200         | limited 3     | limited 3                         | limited 3
  slow_down for 30 seconds   | limited 1     | unavailable 1                     | limited 1
  token_stale with 200       | unavailable 2 | unavailable 2                     | unavailable 2
  token_stale, once          | ok 2          | ok 2                              | ok 2
  not_granted                | reconnect 1   | unavailable 1, reconnect_required | reconnect 1
  account_closed             | unavailable 1 | unavailable 1                     | unavailable 1
  no_such_entry              | unavailable 1 | unavailable 3                     | unavailable 1
  stale unasked              | unavailable 1 | unavailable 3                     | unavailable 3
  entry_exists, of none      | unavailable 2 | unavailable 1                     | unavailable 1
  no_such_word               | unavailable 1 | unavailable 1                     | unavailable 1
`,
    oauth: `
                             | refresh                                | exchange
  no answer in time          | unavailable 1                          | failed 1
  a body that drips          | unavailable 1, then reconnect_required | failed 1
  a reset                    | unavailable 1                          | failed 1
  a reset, all done          | unavailable 1, then reconnect_required | failed 1
  a body that breaks off     | unavailable 1, then reconnect_required | failed 1
  too long a Content-Length  | unavailable 1, then reconnect_required | failed 1
  too short a Content-Length | unavailable 1, then reconnect_required | failed 1
  200 in HTML                | unavailable 1                          | failed 1
  200 with half its JSON     | unavailable 1                          | failed 1
  200 that says nothing      | unavailable 1                          | failed 1
  a 400                      | unavailable 1                          | failed 1
  a 401                      | unavailable 1                          | failed 1
  403 in HTML                | unavailable 1                          | failed 1
  a 404                      | unavailable 1                          | failed 1
  a 409                      | unavailable 1                          | failed 1
  a 429                      | limited 1                              | failed 1
  429 once, for no time      | limited 1                              | failed 1
  429 for 30 seconds         | limited 1                              | failed 1
  a 500                      | unavailable 1                          | failed 1
  502 in HTML                | unavailable 1                          | failed 1
  a 503                      | unavailable 1                          | failed 1
  grant_gone                 | reconnect 1                            | refused 1
  grant_gone with 503        | unavailable 1                          | failed 1
  client_unknown             | unavailable 1                          | failed 1
  slow_down with 200         | limited 1                              | failed 1
  no_such_word               | unavailable 1                          | failed 1
`,
  },
};
