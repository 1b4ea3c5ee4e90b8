import { formatWeekday, weekdays } from "@cita/scheduling";
import type { InAllLanguages } from "../../language.ts";

type Text = string | undefined;

const es = {
  number: (from: Text, to: Text) => `Escribe un número entero de ${from} a ${to}.`,
  numberOrEmpty: (from: Text, to: Text) => `Déjalo vacío, o escribe un número entero de ${from} a ${to}.`,
  empty: "Falta este dato.",
  tooLong: (most: Text) => `Usa ${most} caracteres como máximo.`,
  oneLine: "Escríbelo en una sola línea.",
  date: "Escribe una fecha que exista.",
  pause: "Escribe una fecha con su hora, o déjalo vacío.",
  timeZone: "Elige una zona horaria de la lista, como America/Bogota, o déjalo vacío.",
  written: (name: Text) => `Escríbela así: ${name}.`,
  time: "Escribe una hora, como 09:00.",
  tooMany: (most: Text) => `Aquí caben ${most} como máximo.`,
  tooManyDates: (most: Text) => `Caben ${most} fechas como máximo: quita las que ya pasaron.`,
  noLength: "El cierre debe ser distinto de la apertura. Un día entero va de 00:00 a 00:00.",
  swapped: "El cierre es antes que la apertura: ¿están al revés? Pasada la medianoche caben hasta 12 horas.",
  overlaps: (start: Text, end: Text) =>
    `Se cruza con ${start}–${end}: deja que uno empiece donde termina el otro.`,
  runsInto: (start: Text, day: Text) =>
    `Llega hasta el horario del ${weekdayIn("es", day)}: termina a las ${start} o antes.`,
  country: "Elige un país de la lista.",
  region: "Escribe el código de la región, como SP.",
  noRegions: "De este país no se conocen regiones con festivos propios: déjalo vacío.",
  unknownRegion: (known: Text) => `No se conoce esa región. Usa una de estas: ${known}.`,
  regionAlone: "Elige también un país.",
  serviceId: "Usa de 1 a 64 letras sin acento, números, punto, guion o guion bajo.",
  noService: "Hace falta al menos un servicio.",
  sameId: "Otro servicio ya tiene este identificador.",
  sameDate: "Esta fecha ya está: pon todos sus horarios en una sola.",
  sameCalendar: "Un calendario está dos veces: quita uno.",
  calendarId: "Escribe el identificador de un calendario en cada línea, como su correo.",
  primary: "Debe estar «primary»: ahí se escriben las citas.",
  noCalendar: (id: Text) => `Esta cuenta no puede leer ningún calendario «${id}».`,
  language: "Elige un idioma de la lista.",
};

const en: typeof es = {
  number: (from, to) => `Write a whole number from ${from} to ${to}.`,
  numberOrEmpty: (from, to) => `Leave it empty, or write a whole number from ${from} to ${to}.`,
  empty: "This is missing.",
  tooLong: (most) => `Use at most ${most} characters.`,
  oneLine: "Write it on one line.",
  date: "Write a date that exists.",
  pause: "Write a date with its time, or leave it empty.",
  timeZone: "Choose a time zone of the list, such as America/Bogota, or leave it empty.",
  written: (name) => `Write it like this: ${name}.`,
  time: "Write a time, such as 09:00.",
  tooMany: (most) => `There is room for ${most} at most.`,
  tooManyDates: (most) => `There is room for ${most} dates at most: remove those that have passed.`,
  noLength: "The end must differ from the start. A whole day is 00:00 to 00:00.",
  swapped: "The end comes before the start: were they swapped? Past midnight there is room for 12 hours.",
  overlaps: (start, end) => `It overlaps ${start}–${end}: let one begin where the other ends.`,
  runsInto: (start, day) =>
    `It runs into the hours of ${weekdayIn("en", day)}: end it at ${start} or before.`,
  country: "Choose a country of the list.",
  region: "Write the region’s code, such as SP.",
  noRegions: "No region of this country is known to have holidays of its own: leave it empty.",
  unknownRegion: (known) => `This region isn’t known. Use one of these: ${known}.`,
  regionAlone: "Choose a country too.",
  serviceId: "Use 1 to 64 plain letters, digits, dots, hyphens or underscores.",
  noService: "At least one service is needed.",
  sameId: "Another service has this identifier already.",
  sameDate: "This date is here already: put all its hours into one entry.",
  sameCalendar: "One calendar is here twice: remove one.",
  calendarId: "Write one calendar’s id on each line, such as its e-mail address.",
  primary: "“primary” must be among them: appointments are written there.",
  noCalendar: (id) => `There is no calendar “${id}” that this account may read.`,
  language: "Choose a language of the list.",
};

const pt: typeof es = {
  number: (from, to) => `Escreva um número inteiro de ${from} a ${to}.`,
  numberOrEmpty: (from, to) => `Deixe vazio, ou escreva um número inteiro de ${from} a ${to}.`,
  empty: "Falta este dado.",
  tooLong: (most) => `Use no máximo ${most} caracteres.`,
  oneLine: "Escreva em uma só linha.",
  date: "Escreva uma data que exista.",
  pause: "Escreva uma data com a hora, ou deixe vazio.",
  timeZone: "Escolha um fuso horário da lista, como America/Sao_Paulo, ou deixe vazio.",
  written: (name) => `Escreva assim: ${name}.`,
  time: "Escreva um horário, como 09:00.",
  tooMany: (most) => `Aqui cabem no máximo ${most}.`,
  tooManyDates: (most) => `Cabem no máximo ${most} datas: remova as que já passaram.`,
  noLength: "O fim deve ser diferente do início. Um dia inteiro vai de 00:00 a 00:00.",
  swapped: "O fim é antes do início: estão trocados? Depois da meia-noite cabem até 12 horas.",
  overlaps: (start, end) => `Cruza com ${start}–${end}: deixe um começar onde o outro termina.`,
  runsInto: (start, day) => `Chega ao horário de ${weekdayIn("pt", day)}: termine às ${start} ou antes.`,
  country: "Escolha um país da lista.",
  region: "Escreva o código da região, como SP.",
  noRegions: "Deste país não se conhecem regiões com feriados próprios: deixe vazio.",
  unknownRegion: (known) => `Essa região não é conhecida. Use uma destas: ${known}.`,
  regionAlone: "Escolha também um país.",
  serviceId: "Use de 1 a 64 letras sem acento, números, ponto, hífen ou sublinhado.",
  noService: "É preciso pelo menos um serviço.",
  sameId: "Outro serviço já tem este identificador.",
  sameDate: "Esta data já está aqui: ponha todos os horários dela em uma só.",
  sameCalendar: "Um calendário está duas vezes: remova um.",
  calendarId: "Escreva o identificador de um calendário em cada linha, como o e-mail dele.",
  primary: "“primary” deve estar entre eles: os agendamentos são escritos ali.",
  noCalendar: (id) => `Esta conta não pode ler nenhum calendário “${id}”.`,
  language: "Escolha um idioma da lista.",
};

function weekdayIn(language: "es" | "en" | "pt", day: Text): string {
  const known = weekdays.find((name) => name === day);
  return known === undefined ? `${day}` : formatWeekday(known, language);
}

export const problemWords: InAllLanguages<typeof es> = { es, en, pt };
