import type { Language } from "@cita/consent";

/** What the pages of a consent say. */
export type Words = {
  readonly connectTitle: (provider: string) => string;
  readonly asks: (operator: string, provider: string) => string;
  readonly keyHint: string;
  readonly continueButton: (provider: string) => string;
  readonly connectButton: string;
  /** By the name of an input; others have the provider's own words. */
  readonly labels: Readonly<Record<string, string>>;
  readonly invalid: (example: string) => string;
  readonly keyRefused: (provider: string) => string;
  readonly providerAway: (provider: string) => string;
  readonly stateUnknown: { readonly title: string; readonly text: string };
  readonly stateOver: { readonly title: string; readonly text: string };
  readonly otherBrowser: { readonly title: string; readonly text: string };
  readonly busy: { readonly title: string; readonly text: string };
  readonly wrong: { readonly title: string; readonly text: string };
};

export const words: Readonly<Record<Language, Words>> = {
  en: {
    connectTitle: (provider) => `Connect ${provider}`,
    asks: (operator, provider) => `${operator} asks you to connect your account at ${provider}.`,
    keyHint: "It is stored encrypted, shown to nobody, and erased when you disconnect.",
    continueButton: (provider) => `Continue with ${provider}`,
    connectButton: "Connect",
    labels: {
      shop: "The address of your shop",
      store: "The address of your store",
      login_host: "The address where you sign in",
      api_key: "Your API key",
      url: "The address of the hook",
    },
    invalid: (example) => `That isn’t it. It looks like this: ${example}`,
    keyRefused: (provider) => `${provider} doesn’t accept this. Check that it is whole, and still valid.`,
    providerAway: (provider) => `${provider} doesn’t answer as it should. Try again in some minutes.`,
    stateUnknown: { title: "This link doesn’t work", text: "Start again where you were asked to connect." },
    stateOver: {
      title: "Please start again",
      text: "This was completed already, or has taken too long. Start again where you were asked to connect.",
    },
    otherBrowser: {
      title: "Please start again",
      text: "This page was opened in another browser than the one you started in. Nothing was connected.",
    },
    busy: {
      title: "Please wait a minute",
      text: "This page was opened too often in a short time. Nothing is lost.",
    },
    wrong: {
      title: "Something went wrong",
      text: "Nothing was connected. Please try again in some minutes.",
    },
  },
  es: {
    connectTitle: (provider) => `Conecta ${provider}`,
    asks: (operator, provider) => `${operator} te pide conectar tu cuenta de ${provider}.`,
    keyHint: "Se guarda cifrada, no se le muestra a nadie y se borra al desconectar.",
    continueButton: (provider) => `Continuar con ${provider}`,
    connectButton: "Conectar",
    labels: {
      shop: "La dirección de tu tienda",
      store: "La dirección de tu tienda",
      login_host: "La dirección donde inicias sesión",
      api_key: "Tu clave de API",
      url: "La dirección del hook",
    },
    invalid: (example) => `No es válido. Es como en este ejemplo: ${example}`,
    keyRefused: (provider) => `${provider} no la acepta. Comprueba que esté completa y siga siendo válida.`,
    providerAway: (provider) => `${provider} no responde como debe. Inténtalo de nuevo en unos minutos.`,
    stateUnknown: { title: "Este enlace no funciona", text: "Empieza de nuevo donde te pidieron conectar." },
    stateOver: {
      title: "Empieza de nuevo",
      text: "Esto ya se completó, o tardó demasiado. Empieza de nuevo donde te pidieron conectar.",
    },
    otherBrowser: {
      title: "Empieza de nuevo",
      text: "Esta página se abrió en otro navegador que el del comienzo. No se conectó nada.",
    },
    busy: {
      title: "Espera un minuto",
      text: "Esta página se abrió demasiadas veces en poco tiempo. No se pierde nada.",
    },
    wrong: { title: "Algo falló", text: "No se conectó nada. Inténtalo de nuevo en unos minutos." },
  },
  pt: {
    connectTitle: (provider) => `Conecte ${provider}`,
    asks: (operator, provider) => `${operator} pede que você conecte a sua conta em ${provider}.`,
    keyHint: "É guardada cifrada, não é mostrada a ninguém e é apagada ao desconectar.",
    continueButton: (provider) => `Continuar com ${provider}`,
    connectButton: "Conectar",
    labels: {
      shop: "O endereço da sua loja",
      store: "O endereço da sua loja",
      login_host: "O endereço onde você entra",
      api_key: "A sua chave de API",
      url: "O endereço do hook",
    },
    invalid: (example) => `Não é válido. É como neste exemplo: ${example}`,
    keyRefused: (provider) => `${provider} não a aceita. Verifique se está completa e ainda é válida.`,
    providerAway: (provider) => `${provider} não responde como deve. Tente de novo em alguns minutos.`,
    stateUnknown: { title: "Este link não funciona", text: "Comece de novo onde lhe pediram para conectar." },
    stateOver: {
      title: "Comece de novo",
      text: "Isto já foi concluído, ou demorou demais. Comece de novo onde lhe pediram para conectar.",
    },
    otherBrowser: {
      title: "Comece de novo",
      text: "Esta página foi aberta em outro navegador que o do começo. Nada foi conectado.",
    },
    busy: {
      title: "Espere um minuto",
      text: "Esta página foi aberta vezes demais em pouco tempo. Nada se perde.",
    },
    wrong: { title: "Algo falhou", text: "Nada foi conectado. Tente de novo em alguns minutos." },
  },
};
