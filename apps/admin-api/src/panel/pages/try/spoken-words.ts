import type { InAllLanguages } from "../../language.ts";

/** What an agent would say to the person, in the business's language. */
const es = {
  free: (times: string) => `Tengo libre: ${times}. ¿Cuál prefieres?`,
  more: (count: number) => `y ${count} más`,
  nothingFree: {
    closed: "Esos días no hay atención.",
    fully_booked: "Esos días está todo ocupado.",
    too_soon: "Ya no se alcanza a reservar para entonces.",
    too_far: "Todavía no se puede reservar tan lejos.",
    none: "No tengo nada libre esos días.",
  },
  nextFree: (time: string) => `Lo primero que tengo es ${time}.`,
  booked: (time: string) => `Listo, tu cita quedó para el ${time}.`,
  moved: (time: string) => `Listo, tu cita quedó para el ${time}.`,
  cancelled: (time: string) => `Tu cita del ${time} quedó cancelada.`,
  bookings: (times: string) => `Tienes estas citas: ${times}.`,
  noBookings: "No tienes ninguna cita.",
  business: (services: string, hours: string) => `Ofrecemos ${services}. ${hours}.`,
  alternatives: (times: string) => `Tengo libre: ${times}.`,
};

export type SpokenWords = typeof es;

const en: SpokenWords = {
  free: (times) => `I have these free: ${times}. Which one suits you?`,
  more: (count) => `and ${count} more`,
  nothingFree: {
    closed: "We’re closed on those days.",
    fully_booked: "Those days are fully booked.",
    too_soon: "It’s too late to book for then.",
    too_far: "That’s too far ahead to book yet.",
    none: "I have nothing free on those days.",
  },
  nextFree: (time) => `The first that I have is ${time}.`,
  booked: (time) => `Done, your appointment is on ${time}.`,
  moved: (time) => `Done, your appointment is now on ${time}.`,
  cancelled: (time) => `Your appointment on ${time} is cancelled.`,
  bookings: (times) => `You have these appointments: ${times}.`,
  noBookings: "You have no appointments.",
  business: (services, hours) => `We offer ${services}. ${hours}.`,
  alternatives: (times) => `I have these free: ${times}.`,
};

const pt: SpokenWords = {
  free: (times) => `Tenho livre: ${times}. Qual você prefere?`,
  more: (count) => `e mais ${count}`,
  nothingFree: {
    closed: "Não atendemos nesses dias.",
    fully_booked: "Esses dias estão lotados.",
    too_soon: "Não dá mais tempo de agendar para então.",
    too_far: "Ainda não dá para agendar tão longe.",
    none: "Não tenho nada livre nesses dias.",
  },
  nextFree: (time) => `O primeiro que tenho é ${time}.`,
  booked: (time) => `Pronto, seu agendamento ficou para ${time}.`,
  moved: (time) => `Pronto, seu agendamento ficou para ${time}.`,
  cancelled: (time) => `Seu agendamento de ${time} foi cancelado.`,
  bookings: (times) => `Você tem estes agendamentos: ${times}.`,
  noBookings: "Você não tem nenhum agendamento.",
  business: (services, hours) => `Oferecemos ${services}. ${hours}.`,
  alternatives: (times) => `Tenho livre: ${times}.`,
};

export const spokenWords: InAllLanguages<SpokenWords> = { es, en, pt };
