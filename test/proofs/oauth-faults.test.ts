import t from "tap";
import { checkFaultMatrix } from "../support/fault-matrix.ts";

checkFaultMatrix(
  t,
  `
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
);
