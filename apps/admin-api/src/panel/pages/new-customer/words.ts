import type { InAllLanguages } from "../../language.ts";

const es = {
  title: "Agregar cliente",
  subtitle: "Tres datos, y el enlace para su WhatsApp está listo.",
  name: "Nombre del negocio",
  nameHint: "Así aparece en la página que verá el negocio.",
  email: "Correo de su cuenta",
  emailHint: "La cuenta de Google con la que el negocio usa su calendario.",
  anyAccount: "Aceptar cualquier cuenta",
  anyAccountHint: "Si no sabes con qué cuenta usa su calendario.",
  phone: "WhatsApp del negocio (opcional)",
  phoneHint: "Con código de país, como +57 300 123 4567.",
  id: "Identificador",
  idHint: "Con él tus agentes nombran a este cliente. No cambia nunca. Letras, números, punto, guion.",
  submit: "Crear y ver el enlace",
  cancel: "Cancelar",
  problems: {
    nameEmpty: "Escribe el nombre del negocio.",
    nameInvalid: "Escribe el nombre en una línea, con letras o números, de hasta 200 caracteres.",
    email: "Escribe un correo completo, como luna@example.com.",
    phone: "Escribe el número con su código de país, como +57 300 123 4567.",
    id: "Usa de 1 a 64 letras sin acento, números, punto, guion o guion bajo.",
    idTaken: "Ya hay un cliente con este identificador.",
    unavailable:
      "El servicio de calendarios no responde. Tus datos siguen aquí: prueba de nuevo en un momento.",
  },
};

const en: typeof es = {
  title: "Add a customer",
  subtitle: "Three facts, and the link for its WhatsApp is ready.",
  name: "Name of the business",
  nameHint: "It stands like this on the page that the business sees.",
  email: "E-mail of its account",
  emailHint: "The Google account with which the business uses its calendar.",
  anyAccount: "Accept any account",
  anyAccountHint: "If you don’t know with which account it uses its calendar.",
  phone: "WhatsApp of the business (optional)",
  phoneHint: "With the country code, such as +57 300 123 4567.",
  id: "Identifier",
  idHint: "Your agents name this customer by it. It never changes. Letters, digits, dot, hyphen.",
  submit: "Create and see the link",
  cancel: "Cancel",
  problems: {
    nameEmpty: "Write the name of the business.",
    nameInvalid: "Write the name on one line, with letters or digits, of at most 200 characters.",
    email: "Write a complete address, such as luna@example.com.",
    phone: "Write the number with its country code, such as +57 300 123 4567.",
    id: "Use 1 to 64 plain letters, digits, dots, hyphens or underscores.",
    idTaken: "There is a customer with this identifier already.",
    unavailable: "The calendar service doesn’t answer. What you typed is still here: try again in a moment.",
  },
};

const pt: typeof es = {
  title: "Adicionar cliente",
  subtitle: "Três dados, e o link para o WhatsApp está pronto.",
  name: "Nome do negócio",
  nameHint: "Assim aparece na página que o negócio verá.",
  email: "E-mail da conta",
  emailHint: "A conta do Google com a qual o negócio usa seu calendário.",
  anyAccount: "Aceitar qualquer conta",
  anyAccountHint: "Se você não sabe com qual conta ele usa o calendário.",
  phone: "WhatsApp do negócio (opcional)",
  phoneHint: "Com código do país, como +55 11 91234 5678.",
  id: "Identificador",
  idHint: "Com ele seus agentes nomeiam este cliente. Nunca muda. Letras, números, ponto, hífen.",
  submit: "Criar e ver o link",
  cancel: "Cancelar",
  problems: {
    nameEmpty: "Escreva o nome do negócio.",
    nameInvalid: "Escreva o nome em uma linha, com letras ou números, de até 200 caracteres.",
    email: "Escreva um e-mail completo, como luna@example.com.",
    phone: "Escreva o número com código do país, como +55 11 91234 5678.",
    id: "Use de 1 a 64 letras sem acento, números, ponto, hífen ou sublinhado.",
    idTaken: "Já existe um cliente com este identificador.",
    unavailable:
      "O serviço de calendários não responde. O que você escreveu continua aqui: tente de novo em instantes.",
  },
};

export const newCustomerWords: InAllLanguages<typeof es> = { es, en, pt };
