import type { Language } from "@cita/scheduling";
import type { LocalizedText } from "./tool-error.ts";

/** What people are told where no tool was reached. */
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

export function localizedMessage(name: keyof Messages): LocalizedText {
  return (language) => messages[language][name];
}
