import type { Words } from "./words.ts";

export const portuguese: Words = {
  language: "pt",
  closed: "fechado",
  defaultService: "Agendamento",
  event: { phone: "Telefone", email: "E-mail", notes: "Observações", bookedBy: "Agendado pela Cita" },
  invitationNotes: {
    pending:
      "O agendamento está confirmado. O convite por e-mail ainda não foi enviado; será tentado de novo. Diga você mesmo à pessoa o dia da semana, a data e a hora.",
    refused:
      "O agendamento está confirmado, mas não foi possível enviar o convite por e-mail: diga você mesmo à pessoa o dia da semana, a data e a hora.",
  },
  moreSlots: (from, days) => `Para ver o restante, chame de novo com date_iso ${from} e days ${days}.`,
  moreBookings: (from) => `Para ver o restante, chame de novo com from ${from}.`,
  instructions: {
    purpose: "Agenda horários no calendário próprio de um negócio.",
    askFirst:
      "Chame primeiro get_business_info: informa a data de hoje e o fuso horário de lá, os serviços e o horário de funcionamento.",
    today: ({ weekday, date, timeZone }) =>
      `Lá hoje é ${weekday} ${date} (fuso horário ${timeZone}). Serviços e horário de funcionamento: get_business_info.`,
    steps: [
      "Procure horários livres com get_available_slots; não ofereça outros.",
      "Repita à pessoa o dia da semana, a data e a hora, e espere um sim.",
      "Depois chame book, com start_iso exatamente como foi dado.",
    ],
    rules:
      "Um agendamento existe somente quando book responde confirmed. Cada resposta traz o fuso horário, e a hora de lá " +
      "(now) onde importa: use-os, nunca a sua própria ideia da data de hoje. Se uma ferramenta responder com um " +
      "erro, siga o next_step.",
    translate: "label, message e note estão no idioma do negócio: traduza-os para quem escrever em outro.",
  },
  refusals: {
    taken: "Esse horário acabou de ser ocupado ou não está livre.",
    outside_hours: "Não há agendamentos que comecem nesse horário.",
    too_soon: "Esse horário já passou ou está próximo demais para ser agendado.",
    too_far: "Essa data está distante demais para ser agendada.",
    idempotency_conflict: "Essa chave de repetição já foi usada para outro agendamento.",
    not_found: "Não encontro esse agendamento.",
    begun: "Esse agendamento já começou, então não pode mais ser alterado.",
    cancelled_since: "Esse agendamento foi feito, e depois foi cancelado ou apagado do calendário.",
    series: "O negócio transformou este agendamento em um que se repete, então não posso alterá-lo.",
    stranded: "Este agendamento está em um calendário que o negócio não tem mais conectado.",
    account_changed: "O negócio acabou de conectar outro calendário, então nada foi agendado nem alterado.",
    unsettled: "O calendário parou de responder, então ainda não sei se o agendamento foi remarcado.",
    in_progress: "Este mesmo pedido ainda está sendo processado.",
    too_many_open: "Esta pessoa já tem tantos agendamentos quanto se pode ter aqui.",
    too_many_changes: "Esta pessoa alterou agendamentos vezes demais na última hora.",
    cancellations_stopped:
      "Na última hora foram cancelados mais agendamentos deste negócio do que o normal, então agora não posso cancelar mais.",
  },
  movedByHand: (label) => `O próprio negócio remarcou este agendamento: agora é ${label}.`,
  calendar: {
    not_connected:
      "Este negócio ainda não conectou o seu calendário, então não posso ver nem agendar os horários dele.",
    reconnect_required:
      "Este negócio precisa conectar de novo o seu calendário antes que eu possa ver ou agendar os horários dele.",
    calendar_unavailable:
      "Não consigo consultar o calendário agora, então não sei o que está livre, agendado ou cancelado.",
    rate_limited: "O calendário está sendo consultado vezes demais neste momento.",
  },
  lastingProblem:
    "Não consigo ver o calendário deste negócio, e isso não vai se resolver sozinho, então não sei o que está livre, agendado ou cancelado.",
  wrongArguments: (names) =>
    names.length === 0
      ? "Não consegui usar estes dados."
      : `Não consegui usar estes dados: ${names.join(", ")}.`,
  unknownService: "Este negócio não oferece esse serviço.",
  unreadableTime: "Preciso de uma data e uma hora reais, como 2027-01-18T09:00:00-05:00.",
  skippedTime: "Essa hora não existe nesse dia: os relógios são adiantados e passam por cima dela.",
  repeatedTime: "Essa hora existe duas vezes nesse dia: os relógios são atrasados.",
  lastDayFirst: "O último dia é anterior ao primeiro.",
  owner: {
    not_connected: "O seu calendário ainda não está conectado.",
    reconnect_required: "É preciso conectar de novo o seu calendário.",
    openLink: (url) => `Abra este link para conectá-lo: ${url}`,
    cannotConnect: "Não é possível conectá-lo até que algo seja corrigido neste computador.",
    calendarUnusable: "Não consigo usar o seu calendário, e isso não vai se resolver sozinho.",
    clientRefused: (provider) =>
      `Não consigo consultar o seu calendário: ${provider} não aceita a configuração da Cita.`,
  },
};
