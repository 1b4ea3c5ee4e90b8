import { customerName } from "@cita/calendar-api";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { z } from "zod";

/** As they were typed. */
export type ContactFields = {
  readonly customer_name: string;
  readonly customer_email: string;
  readonly customer_phone: string;
};

const emailAddress = z.email().max(254);

/** Reads a customer's name, address and number. `phone`: in E.164; null where none was typed, undefined for no number. */
export function readContact({ customer_name, customer_email, customer_phone }: ContactFields) {
  return {
    name: customerName.safeParse(customer_name),
    email: emailAddress.safeParse(customer_email.trim()),
    phone: customer_phone.trim() === "" ? null : parsePhoneNumber(customer_phone),
  };
}
