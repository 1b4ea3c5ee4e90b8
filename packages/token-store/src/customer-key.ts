/** The key of a connection: one customer at one provider. */
export type CustomerKey = { readonly customerId: string; readonly provider: string };
