import type { InAllLanguages } from "../../language.ts";

const es = {
  title: "Entrar",
  email: "Correo",
  password: "Contraseña",
  code: "Código de tu aplicación",
  codeHint: "Los 6 números que muestra ahora, o un código de recuperación.",
  submit: "Entrar",
  forgot: "Olvidé mi contraseña",
  withGoogle: "Entrar con Google",
  invalid: "El correo o la contraseña no coinciden.",
  wrongCode: "Ese código no vale. Espera al siguiente y prueba de nuevo.",
  wait: (seconds: number) => `Demasiados intentos. Prueba de nuevo en ${seconds} segundos.`,
  ended: "Tu sesión terminó. Entra de nuevo: lo que escribiste no se pierde.",
  continueTitle: "Sigue donde estabas",
  continueText: "Ya entraste. Lo que habías escrito sigue aquí: envíalo ahora.",
  continueButton: "Enviar lo que escribí",
  discard: "Descartarlo",
  footer: "Agendas reales para los agentes que atienden a tus clientes.",
};

const en: typeof es = {
  title: "Sign in",
  email: "E-mail",
  password: "Password",
  code: "Code from your app",
  codeHint: "The 6 digits that it shows now, or a recovery code.",
  submit: "Sign in",
  forgot: "I forgot my password",
  withGoogle: "Sign in with Google",
  invalid: "E-mail and password don’t match.",
  wrongCode: "That code isn’t right. Wait for the next one and try again.",
  wait: (seconds) => `Too many attempts. Try again in ${seconds} seconds.`,
  ended: "Your session has ended. Sign in again: what you typed isn’t lost.",
  continueTitle: "Go on where you were",
  continueText: "You are signed in. What you had typed is still here: send it now.",
  continueButton: "Send what I typed",
  discard: "Discard it",
  footer: "Real calendars for the agents that answer your customers.",
};

const pt: typeof es = {
  title: "Entrar",
  email: "E-mail",
  password: "Senha",
  code: "Código do seu aplicativo",
  codeHint: "Os 6 números que ele mostra agora, ou um código de recuperação.",
  submit: "Entrar",
  forgot: "Esqueci minha senha",
  withGoogle: "Entrar com Google",
  invalid: "O e-mail e a senha não coincidem.",
  wrongCode: "Esse código não vale. Espere o próximo e tente de novo.",
  wait: (seconds) => `Muitas tentativas. Tente de novo em ${seconds} segundos.`,
  ended: "Sua sessão terminou. Entre de novo: o que você escreveu não se perde.",
  continueTitle: "Continue de onde parou",
  continueText: "Você entrou. O que você escreveu ainda está aqui: envie agora.",
  continueButton: "Enviar o que escrevi",
  discard: "Descartar",
  footer: "Agendas reais para os agentes que atendem seus clientes.",
};

export const signInWords: InAllLanguages<typeof es> = { es, en, pt };
