import type { Words } from "./words.ts";

export const es: Words = {
  title: "Mis conexiones",
  subtitle: "Tus propias cuentas. Las de un cliente están en su página.",
  intro:
    "Cuentas de otros servicios. El acceso se guarda cifrado, se renueva solo y se revisa varias veces al día.",
  back: "Volver a las conexiones",
  none: {
    title: "Todavía no hay ninguna cuenta conectada",
    text: "Elige abajo el servicio y da permiso con la cuenta que quieres conectar.",
    readOnly: "Quien pueda hacer cambios las conecta aquí.",
  },
  tableLabel: "Cuentas conectadas",
  account: "Cuenta",
  state: "Estado",
  access: "Acceso",
  synced: "Sincronizada",
  actions: "Acciones",
  states: {
    connected: "Conectada",
    lost: "Necesita permiso",
    problem: "Con un problema",
    paused: "En pausa",
    disconnected: "Desconectada",
  },
  problems: {
    lost: (provider) => `${provider} terminó el permiso: alguien lo retiró o venció. Hay que volver a darlo.`,
    refused: (provider) =>
      `${provider} no lo permite con esta cuenta. En su configuración, el dueño de la cuenta puede ver el motivo.`,
    misconfigured: (provider) =>
      `${provider} no acepta nuestra aplicación. Quien opera el servicio tiene que revisar sus claves y ajustes.`,
    rate_limited: (provider) => `${provider} pidió esperar. Se intenta de nuevo sin que hagas nada.`,
    unreachable: (provider) => `${provider} no responde como debe. Se intenta de nuevo sin que hagas nada.`,
  },
  technical: "Detalle técnico",
  renewed: "Se renueva solo",
  renewedUntil: (time) => `Se renueva solo, hasta el ${time}`,
  ends: (time) => `Termina el ${time}; después hay que dar permiso otra vez`,
  endless: "No vence",
  over: "Ya no hay acceso",
  never: "Todavía no",
  reconnect: "Reconectar",
  pause: "Pausar",
  resume: "Reanudar",
  log: "Registro",
  more: "Ver más cuentas",
  connect: "Conectar una cuenta",
  connectHint: "Te llevamos al servicio para que des permiso; después vuelves aquí.",
  categories: {
    social: "Redes sociales",
    shops: "Tiendas",
    marketing: "Publicidad y ventas",
    payments: "Pagos",
    messages: "Mensajes y avisos",
    mail: "Correo",
  },
  notConfigured: "Sin configurar",
  notConfiguredHint:
    "Estos servicios se pueden conectar cuando el servicio de integraciones tenga sus variables. La guía es docs/integrations.md.",
  nothingConfigured: {
    title: "Aún no hay servicios que conectar",
    text: "Quien opera Cita tiene que configurar al menos uno.",
  },
  variables: "Variables",
  leaving: (provider) => `Vamos a ${provider}`,
  leavingText: (provider) =>
    `Te llevamos a ${provider} para que des permiso. Si no pasa nada, toca el botón.`,
  goOn: (provider) => `Seguir a ${provider}`,
  connected: (provider) => `${provider} quedó conectado con esta cuenta:`,
  stillLost: "Diste permiso con otra cuenta. Esta sigue esperando el suyo:",
  failures: {
    OAUTH_FAILED:
      "No se conectó nada: no se dio todo el permiso que se pide, la cuenta no sirve para esto, o pasó demasiado tiempo. Empieza de nuevo.",
    PROVIDER_ERROR:
      "No se conectó nada: el servicio no respondió como debe. Prueba de nuevo en unos minutos.",
    RATE_LIMITED: "No se conectó nada: el servicio pidió esperar. Prueba de nuevo en unos minutos.",
    other: "No se sabe qué pasó con ese intento. Aquí ves cómo está todo ahora.",
  },
  unavailable:
    "El servicio de integraciones no responde, así que no se sabe cómo están estas cuentas. Lo demás del panel sigue funcionando. Prueba de nuevo en un momento.",
  notStarted: {
    provider: "Ese servicio no se puede conectar aquí: no está configurado.",
    refused: "No se puede empezar con lo que está guardado de esta cuenta. Conéctala como una nueva.",
    returnUrl: (url) =>
      `No se puede empezar: agrega ${url} a ALLOWED_REDIRECT_URIS del servicio de integraciones y reinícialo.`,
    returnUrlForOthers: "No se puede empezar: a quien opera el servicio le falta un ajuste. Avísale.",
  },
  provider: "Servicio",
  email: "Correo",
  accountId: "Identificador",
  connectedBy: "La conectó",
  connectedAt: "Conectada",
  permissions: "Permisos",
  facts: "Datos",
  rename: "Cambiar el nombre",
  name: "Nombre",
  nameHint: "Como la quieres ver aquí. En el servicio no cambia nada.",
  nameProblem: "Escribe un nombre de hasta 200 caracteres.",
  save: "Guardar",
  saved: "Guardado.",
  disconnect: "Desconectar",
  disconnectText:
    "El acceso se borra de aquí y nada de esta cuenta vuelve a funcionar hasta que se dé permiso otra vez. El registro se queda.",
  disconnectKeys: "Este servicio no deja retirar el permiso desde aquí: retíralo también allá.",
  disconnectShared: (provider) =>
    `En ${provider}, el permiso de una cuenta es uno solo para todas las conexiones hechas con ella. Si hay otras, allá se mantiene para no cortarlas.`,
  revokeAll: (provider) => `Retirarlo también en ${provider}`,
  revokeAllHint: "Corta todas las conexiones de esa cuenta, también las de otros clientes.",
  disconnectConfirm: "¿Desconectar esta cuenta?",
  disconnected: {
    revoked: (provider) => `Desconectada, y el permiso quedó retirado en ${provider}.`,
    shared: (provider) =>
      `Desconectada aquí. En ${provider} el permiso sigue, porque lo usan otras conexiones de la misma cuenta.`,
    unsupported: (provider) =>
      `Desconectada aquí. El permiso en ${provider} no se pudo retirar desde aquí: hazlo allá.`,
    unconfirmed: (provider) =>
      `Desconectada aquí, pero ${provider} no confirmó que el permiso quedara retirado: revísalo allá.`,
    nothing: () => "Ya estaba desconectada.",
    reconnected: () => "Mientras tanto se volvió a conectar, así que sigue conectada.",
  },
  endThere: "Retirar el permiso allá",
  logTitle: "Registro",
  logEmpty: "Todavía no se ha hecho nada con esta cuenta.",
  logAction: "Qué se hizo",
  logWhen: "Cuándo",
  logResult: "Resultado",
  logActions: { renew_token: "Renovar el acceso", probe: "Revisar que responda" },
  logStates: {
    PENDING: "Pendiente",
    IN_PROGRESS: "En curso",
    COMPLETED: "Hecho",
    FAILED: "Falló",
    CANCELLED: "Interrumpido",
  },
  logOlder: "Anteriores",
  logNewest: "Volver a lo último",
};
