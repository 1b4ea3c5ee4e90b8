import t from "tap";
import { errorBody } from "../src/index.ts";

t.test("an error of ours tells nothing; a caller's tells what and keeps its code", async (t) => {
  t.strictSame(errorBody(new Error("password is hunter2")), {
    statusCode: 500,
    code: "internal_error",
    error: "Internal Server Error",
    message: "Something went wrong on our side. The log says what.",
  });
  t.match(errorBody({ statusCode: 404, code: "unknown_customer", message: "Nobody." }), {
    statusCode: 404,
    code: "unknown_customer",
    error: "Not Found",
    message: "Nobody.",
  });
});
