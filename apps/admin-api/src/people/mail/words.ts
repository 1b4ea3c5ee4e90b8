/** The mails to users, in the languages of the panel. Each says what it is about, one link, and what to do if it is a mistake. */

type Text = { readonly subject: string; readonly text: string };

export type MailWords = {
  invitation(link: string): Text;
  reset(link: string): Text;
  /** A business has to connect its calendar again. */
  connectionLost(customer: string, link: string): Text;
  /** A calendar refuses, or can't be read. */
  calendarRefuses(customer: string, link: string): Text;
};

const es: MailWords = {
  invitation: (link) => ({
    subject: "Te han invitado a Cita",
    text: `Te han invitado a trabajar con Cita. Elige tu nombre y tu contraseña aquí:\n\n${link}\n\nEl enlace vale una vez, durante 7 días. Si no esperabas este mensaje, no hagas nada.\n`,
  }),
  reset: (link) => ({
    subject: "Tu contraseña de Cita",
    text: `Elige otra contraseña aquí:\n\n${link}\n\nEl enlace vale una vez, durante una hora. Si no lo has pedido, no hagas nada: tu contraseña sigue igual.\n`,
  }),
  connectionLost: (customer, link) => ({
    subject: `${customer}: hay que volver a conectar el calendario`,
    text: `El calendario de ${customer} ya no está conectado, y los agentes no pueden reservar. Aquí está el enlace para que el negocio lo conecte otra vez:\n\n${link}\n\nRecibes este correo porque lo has pedido en tu cuenta.\n`,
  }),
  calendarRefuses: (customer, link) => ({
    subject: `${customer}: el calendario no responde`,
    text: `El calendario de ${customer} está conectado, pero rechaza las consultas, y los agentes no pueden reservar. Qué pasa y qué hacer:\n\n${link}\n\nRecibes este correo porque lo has pedido en tu cuenta.\n`,
  }),
};

const en: MailWords = {
  invitation: (link) => ({
    subject: "You are invited to Cita",
    text: `You are invited to work with Cita. Choose your name and a password here:\n\n${link}\n\nThe link works once, for 7 days. If you didn't expect this, do nothing.\n`,
  }),
  reset: (link) => ({
    subject: "Your password for Cita",
    text: `Choose another password here:\n\n${link}\n\nThe link works once, for one hour. If you didn't ask for it, do nothing: your password stays as it is.\n`,
  }),
  connectionLost: (customer, link) => ({
    subject: `${customer}: the calendar has to be connected again`,
    text: `The calendar of ${customer} isn't connected any more, and agents can't book. Here is the link by which the business connects it again:\n\n${link}\n\nYou get this because you asked for it in your account.\n`,
  }),
  calendarRefuses: (customer, link) => ({
    subject: `${customer}: the calendar doesn't answer`,
    text: `The calendar of ${customer} is connected, but it refuses to answer, and agents can't book. What is wrong and what to do:\n\n${link}\n\nYou get this because you asked for it in your account.\n`,
  }),
};

const pt: MailWords = {
  invitation: (link) => ({
    subject: "Você foi convidado para a Cita",
    text: `Você foi convidado para trabalhar com a Cita. Escolha seu nome e sua senha aqui:\n\n${link}\n\nO link vale uma vez, por 7 dias. Se você não esperava esta mensagem, não faça nada.\n`,
  }),
  reset: (link) => ({
    subject: "Sua senha da Cita",
    text: `Escolha outra senha aqui:\n\n${link}\n\nO link vale uma vez, por uma hora. Se você não pediu, não faça nada: sua senha continua a mesma.\n`,
  }),
  connectionLost: (customer, link) => ({
    subject: `${customer}: é preciso conectar o calendário de novo`,
    text: `O calendário de ${customer} não está mais conectado, e os agentes não podem marcar horários. Aqui está o link para a empresa conectá-lo de novo:\n\n${link}\n\nVocê recebe este e-mail porque pediu na sua conta.\n`,
  }),
  calendarRefuses: (customer, link) => ({
    subject: `${customer}: o calendário não responde`,
    text: `O calendário de ${customer} está conectado, mas recusa as consultas, e os agentes não podem marcar horários. O que houve e o que fazer:\n\n${link}\n\nVocê recebe este e-mail porque pediu na sua conta.\n`,
  }),
};

const words: Readonly<Record<string, MailWords>> = { es, en, pt };

/** @param language of the user; null: Spanish. */
export function mailWordsOf(language: string | null): MailWords {
  return words[language ?? "es"] ?? es;
}
