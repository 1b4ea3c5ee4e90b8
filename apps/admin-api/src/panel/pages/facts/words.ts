import type { ConnectionView } from "@cita/calendar-api";
import type { InAllLanguages } from "../../language.ts";

type Link = NonNullable<ConnectionView["link"]>;

const es = {
  facts: "Calendario",
  status: "Estado",
  provider: "Proveedor",
  account: "Cuenta",
  calendar: "Calendario",
  access: "El permiso termina",
  link: "Enlace",
  lastAttempt: "Último intento",
  stranded: "Citas sin calendario",
  strandedText: (count: string) => `${count} quedaron en el calendario de una cuenta anterior`,
  seeStranded: "Verlas",
  added: "Cliente desde",
  none: "Ninguna",
  notYet: "Todavía no",
  technical: "Detalle técnico",
  toLink: "Ver el enlace",
  linkStates: {
    live: "Vigente",
    used: "Usado",
    expired: "Caducado",
    revoked: "Reemplazado o anulado",
  } satisfies Record<Link["state"], string>,
  linkUntil: (time: string) => `hasta ${time}`,
  edit: "Datos del negocio",
  name: "Nombre",
  email: "Correo de su cuenta",
  emailHint: "La cuenta que debe dar el permiso.",
  phone: "WhatsApp",
  phoneHint: "Con código de país, como +57 300 123 4567. Vacío: no se conoce.",
  save: "Guardar datos",
  saved: "Datos guardados.",
  unsaved:
    "El servicio de calendarios no responde, y los datos no se terminaron de guardar. Lo que escribiste sigue aquí: guarda otra vez en un momento.",
  problems: {
    name: "Escribe el nombre en una línea, con letras o números, de hasta 200 caracteres.",
    email: "Escribe un correo completo, como luna@example.com.",
    phone: "Escribe el número con su código de país, como +57 300 123 4567.",
    confirm: "Eso no es el identificador. No se eliminó nada.",
    busy: "Justo ahora se está haciendo una reserva. Prueba de nuevo en un momento.",
  },
  owner: "Acceso para el dueño",
  ownerText:
    "Un enlace de un solo uso con el que el dueño entra a este panel y ve solo su negocio. Dura 7 días y reemplaza al anterior.",
  makeOwnerLink: "Crear enlace de acceso",
  ownerReady: "Enlace listo. Se muestra solo ahora: envíalo o cópialo.",
  ownerInvite: (business: string, brand: string) =>
    `Hola 👋 Con este enlace entras a ${brand} y manejas las citas de ${business}. Sirve una sola vez:`,
  message: "Mensaje",
  sendWhatsApp: "Enviar por WhatsApp",
  copy: "Copiar",
  copied: "Copiado",
  disconnect: "Desconectar el calendario",
  disconnectText:
    "Se retira el permiso y se borran las claves. Nadie podrá reservar hasta que el negocio dé permiso otra vez. Las citas ya hechas siguen en su calendario.",
  disconnectButton: "Desconectar",
  disconnectConfirm: "¿Desconectar el calendario? Nadie podrá reservar hasta que se conecte de nuevo.",
  disconnected: "El calendario quedó desconectado.",
  notRevoked:
    "El proveedor no confirmó que retiró el permiso: el negocio puede quitarlo en los ajustes de su cuenta.",
  remove: "Eliminar el cliente",
  removeText:
    "Borra todo: conexión, enlaces, llaves, horario, citas y actividad. No se puede deshacer. Lo que está en el calendario del negocio se queda ahí.",
  removeLabel: (id: string) => `Para confirmar, escribe ${id}`,
  removeButton: "Eliminar para siempre",
  unavailable:
    "El servicio de calendarios no responde. Se muestra lo último que se supo; lo demás vuelve en cuanto responda.",
};

const en: typeof es = {
  facts: "Calendar",
  status: "Status",
  provider: "Provider",
  account: "Account",
  calendar: "Calendar",
  access: "Access ends",
  link: "Link",
  lastAttempt: "Last attempt",
  stranded: "Bookings without a calendar",
  strandedText: (count) => `${count} are in the calendar of an account before`,
  seeStranded: "See them",
  added: "Customer since",
  none: "None",
  notYet: "Not yet",
  technical: "Technical detail",
  toLink: "See the link",
  linkStates: { live: "Live", used: "Used", expired: "Expired", revoked: "Replaced or revoked" },
  linkUntil: (time) => `until ${time}`,
  edit: "The business",
  name: "Name",
  email: "E-mail of its account",
  emailHint: "The account that has to consent.",
  phone: "WhatsApp",
  phoneHint: "With the country code, such as +57 300 123 4567. Empty: not known.",
  save: "Save",
  saved: "Saved.",
  unsaved:
    "The calendar service doesn’t answer, and saving wasn’t finished. What you typed is still here: save again in a moment.",
  problems: {
    name: "Write the name on one line, with letters or digits, of at most 200 characters.",
    email: "Write a complete address, such as luna@example.com.",
    phone: "Write the number with its country code, such as +57 300 123 4567.",
    confirm: "That isn’t the identifier. Nothing was removed.",
    busy: "A booking is being made right now. Try again in a moment.",
  },
  owner: "Access for the owner",
  ownerText:
    "A link that counts once, by which the owner enters this panel and sees this business alone. It lasts 7 days and replaces the one before.",
  makeOwnerLink: "Make an access link",
  ownerReady: "The link is ready. It is shown only now: send or copy it.",
  ownerInvite: (business, brand) =>
    `Hello 👋 With this link you enter ${brand} and look after the appointments of ${business}. It works once:`,
  message: "Message",
  sendWhatsApp: "Send by WhatsApp",
  copy: "Copy",
  copied: "Copied",
  disconnect: "Disconnect the calendar",
  disconnectText:
    "The access is revoked and its keys are deleted. Nobody can book until the business consents again. What was booked stays in its calendar.",
  disconnectButton: "Disconnect",
  disconnectConfirm: "Disconnect the calendar? Nobody can book until it is connected again.",
  disconnected: "The calendar is disconnected.",
  notRevoked:
    "The provider didn’t confirm that the access was revoked: the business can remove it in the settings of its account.",
  remove: "Remove the customer",
  removeText:
    "Deletes everything: connection, links, keys, schedule, bookings and activity. It can’t be undone. What is in the business’s calendar stays there.",
  removeLabel: (id) => `To confirm, write ${id}`,
  removeButton: "Remove for good",
  unavailable:
    "The calendar service doesn’t answer. This is what was last known; the rest is back as soon as it answers.",
};

const pt: typeof es = {
  facts: "Calendário",
  status: "Estado",
  provider: "Provedor",
  account: "Conta",
  calendar: "Calendário",
  access: "A permissão termina",
  link: "Link",
  lastAttempt: "Última tentativa",
  stranded: "Agendamentos sem calendário",
  strandedText: (count) => `${count} ficaram no calendário de uma conta anterior`,
  seeStranded: "Vê-los",
  added: "Cliente desde",
  none: "Nenhuma",
  notYet: "Ainda não",
  technical: "Detalhe técnico",
  toLink: "Ver o link",
  linkStates: { live: "Válido", used: "Usado", expired: "Expirado", revoked: "Substituído ou anulado" },
  linkUntil: (time) => `até ${time}`,
  edit: "Dados do negócio",
  name: "Nome",
  email: "E-mail da conta",
  emailHint: "A conta que precisa dar a permissão.",
  phone: "WhatsApp",
  phoneHint: "Com código do país, como +55 11 91234 5678. Vazio: não se conhece.",
  save: "Salvar dados",
  saved: "Dados salvos.",
  unsaved:
    "O serviço de calendários não responde, e os dados não terminaram de ser salvos. O que você escreveu continua aqui: salve de novo em instantes.",
  problems: {
    name: "Escreva o nome em uma linha, com letras ou números, de até 200 caracteres.",
    email: "Escreva um e-mail completo, como luna@example.com.",
    phone: "Escreva o número com código do país, como +55 11 91234 5678.",
    confirm: "Isso não é o identificador. Nada foi removido.",
    busy: "Um agendamento está sendo feito agora. Tente de novo em instantes.",
  },
  owner: "Acesso para o dono",
  ownerText:
    "Um link de uso único com o qual o dono entra neste painel e vê só o seu negócio. Dura 7 dias e substitui o anterior.",
  makeOwnerLink: "Criar link de acesso",
  ownerReady: "O link está pronto. É mostrado só agora: envie ou copie.",
  ownerInvite: (business, brand) =>
    `Olá 👋 Com este link você entra na ${brand} e cuida dos agendamentos de ${business}. Vale uma só vez:`,
  message: "Mensagem",
  sendWhatsApp: "Enviar por WhatsApp",
  copy: "Copiar",
  copied: "Copiado",
  disconnect: "Desconectar o calendário",
  disconnectText:
    "A permissão é retirada e as chaves são apagadas. Ninguém poderá agendar até que o negócio dê permissão de novo. O que já foi agendado continua no calendário.",
  disconnectButton: "Desconectar",
  disconnectConfirm: "Desconectar o calendário? Ninguém poderá agendar até que seja conectado de novo.",
  disconnected: "O calendário foi desconectado.",
  notRevoked:
    "O provedor não confirmou que retirou a permissão: o negócio pode removê-la nas configurações da conta.",
  remove: "Remover o cliente",
  removeText:
    "Apaga tudo: conexão, links, chaves, horário, agendamentos e atividade. Não pode ser desfeito. O que está no calendário do negócio fica lá.",
  removeLabel: (id) => `Para confirmar, escreva ${id}`,
  removeButton: "Remover para sempre",
  unavailable:
    "O serviço de calendários não responde. Isto é o último que se soube; o resto volta assim que ele responder.",
};

export const factsWords: InAllLanguages<typeof es> = { es, en, pt };
