import type { ScheduleWords } from "./words.ts";

export const portuguese: ScheduleWords = {
  sections: {
    hours: {
      label: "Horário da semana",
      hint: "Se o fim é antes do início, termina no dia seguinte. A meia-noite se escreve 00:00.",
    },
    dates: {
      label: "Datas especiais e feriados",
      hint: "Valem no lugar do horário daquele dia. Uma data sem horas está fechada.",
    },
    services: { label: "Serviços", hint: "O primeiro é agendado quando o agente não nomeia nenhum." },
    limits: { label: "Regras e limites", hint: "" },
    pause: { label: "Pausa", hint: "" },
    calendar: { label: "Calendário e idioma", hint: "" },
  },
  numbers: {
    slot_interval_minutes: { label: "Um horário livre a cada (minutos)", hint: "Contado da abertura." },
    minimum_notice_minutes: { label: "Antecedência mínima (minutos)", hint: "60 é uma hora; 1440, um dia." },
    horizon_days: { label: "Até quantos dias à frente", hint: "" },
    max_bookings_per_day: { label: "Máximo de agendamentos por dia", hint: "Vazio: sem limite." },
    max_bookings_per_week: { label: "Máximo de agendamentos por semana", hint: "Vazio: sem limite." },
    max_open_bookings_per_attendee: { label: "Agendamentos pendentes por pessoa", hint: "Vazio: 5." },
  },
  switches: {
    tentative_is_busy: {
      label: "O provisório ocupa",
      hint: "Eventos a confirmar e convites sem resposta contam como ocupados.",
    },
    invite_attendees: {
      label: "Enviar convite por e-mail",
      hint: "O provedor do calendário o envia a quem deixou o e-mail.",
    },
    add_meet_link: { label: "Adicionar link de videochamada", hint: "" },
  },
  timeZone: { label: "Fuso horário", hint: "Vazio: o do próprio calendário." },
  language: {
    label: "Idioma dos agendamentos",
    hint: "Nele se anunciam os horários e se escrevem os eventos.",
  },
  busyCalendars: {
    label: "Calendários que ocupam",
    hint: "Um por linha; “primary” é o principal, onde se escrevem os agendamentos.",
  },
  pausedUntil: {
    label: "Não receber agendamentos até",
    hint: "No horário do negócio. Antes disso nada é oferecido nem agendado; o que já foi agendado continua.",
  },
  country: { label: "Feriados de", hint: "Os feriados ficam fechados." },
  region: { label: "Região (opcional)", hint: "O código dela, como BY na Alemanha." },
  automatic: "Automático",
  noCountry: "Nenhum país",
  languages: { es: "Espanhol", en: "Inglês", pt: "Português" },
  closed: "Fechado",
  opens: (place) => `${place}: abre`,
  closes: (place) => `${place}: fecha`,
  addWindow: "Adicionar horas",
  removeWindow: (place) => `Remover estas horas de ${place}`,
  copyDay: "Copiar para segunda–sexta",
  addDate: "Adicionar data",
  date: "Data",
  removeDate: "Remover data",
  closedAllDay: "Fechado o dia todo",
  noDates: "Nenhuma data especial.",
  service: {
    id: { label: "Identificador", hint: "Assim os agentes o nomeiam. Letras sem acento, números, hífen." },
    name: { label: "Nome", hint: "" },
    price_text: { label: "Preço (opcional)", hint: "Como se diz às pessoas: R$ 80." },
    duration_minutes: { label: "Duração (minutos)", hint: "" },
    buffer_before_minutes: { label: "Livre antes (minutos)", hint: "" },
    buffer_after_minutes: { label: "Livre depois (minutos)", hint: "" },
    capacity: { label: "Vagas no mesmo horário", hint: "" },
  },
  serviceNumber: (number) => `Serviço ${number}`,
  byDefault: "Padrão",
  moreOfService: "Margens, vagas e identificador",
  addService: "Adicionar serviço",
  removeService: "Remover",
  moveUp: "Subir",
  save: "Salvar horário",
  saved: "Salvo. Os agentes já oferecem este horário.",
  notSaved: (count) =>
    count === 1 ? "Não foi salvo: há uma coisa a corrigir." : `Não foi salvo: há ${count} coisas a corrigir.`,
  unavailable:
    "O serviço de calendários não responde, então nada foi salvo. O que você escreveu continua aqui.",
  mayBeSaved:
    "O serviço de calendários não respondeu: não se sabe se o horário foi salvo. O que você escreveu continua aqui. Abra o horário em outra aba e veja como ficou antes de salvar de novo.",
  readOnly: "Seu papel permite ver o horário, não mudá-lo.",
  conflict: {
    title: "Outra pessoa salvou mudanças enquanto você editava",
    text: "Nada se perdeu: o seu continua no formulário. Veja as diferenças e salve se estiver de acordo.",
    theirs: "Salvo pela outra pessoa",
    yours: "O seu, no formulário",
    what: "O quê",
    takenIn: "Ela também mudou isto, em que você não tocou, e já está no formulário:",
    discard: "Descartar o meu e ver o que está salvo",
    same: "As duas versões dizem o mesmo.",
  },
  preview: {
    title: "O que um agente ofereceria",
    intro: "Com o que está escrito agora, mesmo antes de salvar.",
    see: "Ver os horários",
    update: "Atualizar",
    service: "Serviço",
    waiting: "Os horários aparecem aqui.",
    offered: (service, minutes) => `${service}, ${minutes} min`,
    zone: "Horário de",
    fix: "Corrija isto para ver os horários:",
    none: "Nenhum",
    more: (count) => `e mais ${count}`,
    reasons: {
      closed: "Nestes dias está fechado.",
      fully_booked: "Nestes dias está tudo ocupado.",
      too_soon: "Tudo cai antes da antecedência mínima ou da pausa.",
      too_far: "Estes dias ficam além do que se pode agendar.",
    },
    calendarErrors: {
      not_connected: "O calendário ainda não está conectado: estes horários vêm só das regras.",
      reconnect_required:
        "O calendário precisa ser conectado de novo: estes horários vêm só das regras, e algum pode estar ocupado.",
      calendar_unavailable:
        "O calendário não responde: estes horários vêm só das regras, e algum pode estar ocupado.",
      rate_limited:
        "O calendário recebe consultas demais: estes horários vêm só das regras, e algum pode estar ocupado.",
    },
    unavailable: "O serviço de calendários não responde. Você pode continuar editando.",
  },
};
