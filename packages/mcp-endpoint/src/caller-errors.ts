import type { Language } from "@cita/scheduling";
import { type LocalizedText, ToolError } from "./tool-error.ts";

/** Any unexpected failure. It says that the calendar can't be read, and never that nothing is free. */
export function internalFault(cause: unknown): ToolError {
  return new ToolError("calendar_unavailable", {
    message: localizedMessage("internalFault"),
    retryable: true,
    next_step: "Don't say that there is no availability. Try again in a minute.",
    cause,
  });
}

/** Beyond our own limit (`MCP_CALLS_PER_MINUTE`), not the calendar provider's. */
export function tooManyCalls(waitSeconds: number): ToolError {
  return new ToolError("rate_limited", {
    message: localizedMessage("tooManyCalls"),
    retryable: true,
    next_step: `Wait ${waitSeconds} seconds, then call again. Don't say that there is no availability.`,
    details: { retry_after_seconds: waitSeconds },
  });
}

export function unnamedCustomer(): ToolError {
  return new ToolError("unknown_customer", {
    message: localizedMessage("unnamedCustomer"),
    retryable: false,
    next_step: "Whoever set up this connection has to send the header X-Customer-Id with the customer's id.",
  });
}

export function unknownCustomer(cause: unknown): ToolError {
  return new ToolError("unknown_customer", {
    message: localizedMessage("unknownCustomer"),
    retryable: false,
    next_step: "Whoever set up this connection has to check the customer's id in the header X-Customer-Id.",
    cause,
  });
}

type Messages = {
  readonly internalFault: string;
  readonly tooManyCalls: string;
  readonly unnamedCustomer: string;
  readonly unknownCustomer: string;
};

const messages: Readonly<Record<Language, Messages>> = {
  en: {
    internalFault: "Something went wrong on our side, so I don't know which times are free.",
    tooManyCalls: "Too many requests came for this business in the last minute, so I couldn't look.",
    unnamedCustomer: "This request doesn't say which business it is for.",
    unknownCustomer: "I don't know this business.",
  },
  es: {
    internalFault: "Algo falló de nuestro lado, así que no sé qué horas están libres.",
    tooManyCalls:
      "En el último minuto llegaron demasiadas solicitudes para este negocio, así que no pude consultar.",
    unnamedCustomer: "Esta solicitud no dice para qué negocio es.",
    unknownCustomer: "No conozco este negocio.",
  },
  pt: {
    internalFault: "Algo deu errado do nosso lado, então não sei quais horários estão livres.",
    tooManyCalls: "Chegaram pedidos demais para este negócio no último minuto, então não pude consultar.",
    unnamedCustomer: "Este pedido não diz para qual negócio é.",
    unknownCustomer: "Não conheço este negócio.",
  },
};

function localizedMessage(name: keyof Messages): LocalizedText {
  return (language) => messages[language][name];
}
