import { customerId } from "@cita/calendar-api";
import { readContact } from "../../parts/contact-fields.ts";
import type { NewCustomerForm, NewCustomerProblems } from "./view.ts";

export type NewCustomer = {
  readonly customer_id: string;
  readonly customer_name: string;
  readonly customer_email: string;
  /** E.164. */
  readonly customer_phone: string | null;
  readonly any_account: boolean;
};

/** Reads what was typed. @returns the customer, or every problem beside its field. */
export function readNewCustomer(form: NewCustomerForm): NewCustomer | { problems: NewCustomerProblems } {
  const { name, email, phone } = readContact(form);
  const id = customerId.safeParse(form.customer_id.trim() || toIdentifier(form.customer_name));
  const problems: NewCustomerProblems = {
    customer_name: name.success ? undefined : form.customer_name.trim() === "" ? "nameEmpty" : "nameInvalid",
    customer_email: email.success ? undefined : "email",
    customer_id: id.success || (!name.success && form.customer_id.trim() === "") ? undefined : "id",
    customer_phone: phone === undefined ? "phone" : undefined,
  };
  if (!name.success || !email.success || !id.success || phone === undefined) return { problems };
  return {
    ...{ customer_id: id.data, customer_name: name.data, customer_email: email.data },
    ...{ customer_phone: phone, any_account: form.any_account },
  };
}

/** An identifier made of a name: "Barbería Luna" becomes `barberia-luna`. */
export function toIdentifier(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{Diacritic}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);
}
