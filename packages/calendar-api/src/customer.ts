import { z } from "zod";
import { hasLetterOrDigit, toVisibleText } from "./visible-text.ts";

/** The admin's id of a customer, which never changes. */
export const customerId = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/,
    "must be 1 to 64 of A-Z a-z 0-9 . _ - and not only a dot or two",
  )
  .meta({ description: "Your id of the customer.", example: "barberia-luna" });

/**
 * The header by which admin-api says since when it has had the customer of a request. What is under way for a customer
 * that is removed meanwhile is refused by it with 409 `customer_removed`; one that is added again later isn't.
 */
export const customerAddedAtHeader = "x-customer-added-at";

/** A business's name on one line, without invisible characters. */
export const customerName = z
  .string("must be a text")
  .trim()
  .min(1, "must not be empty")
  .refine((text) => !/[\n\v\f\r\u0085\u2028\u2029]/.test(text), "must be one line")
  .overwrite(toVisibleText)
  .refine(hasLetterOrDigit, "must have a letter or a digit that can be seen")
  .max(200);
