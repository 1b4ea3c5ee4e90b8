import t from "tap";
import { checkFaultMatrix } from "../support/fault-matrix.ts";

checkFaultMatrix(
  t,
  `
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
);
