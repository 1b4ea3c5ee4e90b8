import type { Wording } from "./wording-en.ts";

export const spanish: Wording = {
  connectTitle: (business) => `Conecta el calendario de ${business}`,
  connectTitleNameless: "Conecta tu calendario",
  asks: (operator) => `${operator} te pide conectar tu calendario.`,
  cardTitle: (operator, business) =>
    `${operator} te pide conectar ${business === null ? "tu calendario" : `el calendario de ${business}`}`,
  cardText: "Para que se puedan reservar citas por mensaje cuando estés libre. Tarda un minuto.",
  willDo: "Qué permite:",
  willDoList: [
    "Ver cuándo estás ocupado (nunca los títulos ni los invitados de tus eventos)",
    "Agregar, mover y cancelar las citas que se reservaron por aquí",
  ],
  yourAddress: "tu dirección",
  chooseProvider: "¿Qué calendario usa tu negocio?",
  inAppTitle: "Abre esta página en tu navegador",
  tryAgain: "Intentar de nuevo",
  linkUsed: (account, provider) => ({
    title: "Este enlace ya se usó",
    text: `Con él se conectó ${account === null ? `un calendario de ${provider}` : `el calendario de ${account} (${provider})`}, y ahora no se conectó nada más. Si es el correcto, no hay nada más que hacer. Si no, pide un enlace nuevo a quien te lo envió.`,
  }),
  results: {
    connected: {
      title: "Tu calendario está conectado",
      text: "Eso es todo: ya se pueden reservar citas contigo. Puedes cerrar esta página.",
    },
    calendar_unusable: {
      title: "Tu calendario todavía no se puede usar",
      text: "Diste el permiso, pero el calendario no se puede leer. No hace falta que lo des de nuevo: avisa a quien te envió el enlace, que puede ver el motivo.",
    },
    link_unknown: {
      title: "Este enlace no funciona",
      text: "Comprueba que abriste el enlace completo del mensaje, o pide uno nuevo a quien te lo envió.",
    },
    link_expired: { title: "Este enlace ha caducado", text: "Pide uno nuevo a quien te lo envió." },
    link_revoked: {
      title: "Este enlace fue reemplazado",
      text: "Usa el enlace más reciente que recibiste, o pide uno nuevo.",
    },
    link_used: {
      title: "Este enlace ya se usó",
      text: "Si tu calendario está conectado, no hay nada más que hacer. Si no, pide uno nuevo a quien te lo envió.",
    },
    access_denied: {
      title: "No se conectó nada",
      text: "Elegiste no permitirlo. Si fue un error, inténtalo de nuevo.",
    },
    wrong_provider: {
      title: "Esa respuesta vino de otra parte",
      text: "No es del proveedor al que fuiste. No se conectó nada. Abre otra vez el enlace del mensaje.",
    },
    state_invalid: {
      title: "Empieza de nuevo",
      text: "Esta página se abrió en otro navegador, dos veces o demasiado tarde. Abre otra vez el enlace del mensaje.",
    },
    server_error: {
      title: "Algo falló de nuestro lado",
      text: "No se conectó nada. Inténtalo de nuevo en unos minutos.",
    },
    too_many_visits: {
      title: "Espera un minuto",
      text: "Esta página se abrió demasiadas veces en poco tiempo. Espera un minuto y vuelve a cargarla: no se pierde nada.",
    },
  },
};
