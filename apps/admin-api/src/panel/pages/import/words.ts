import type { InAllLanguages } from "../../language.ts";

const es = {
  title: "Importar clientes",
  subtitle: "Sube la lista de tu hoja de cálculo y descarga un enlace para cada negocio.",
  file: "Archivo CSV",
  fileHint:
    "Con una primera línea de títulos: nombre y correo, y si quieres telefono e id. Separado por comas o punto y coma. Hasta 10.000 filas.",
  read: "Revisar el archivo",
  example: "Ejemplo",
  readyTitle: (count: string) => `${count} clientes listos`,
  readyText:
    "Se crean y recibes un archivo con el enlace de cada uno. Si el identificador y el correo ya son de un cliente, se corrigen su nombre y su teléfono. Puedes repetirlo sin miedo: los enlaces siguen siendo los mismos.",
  create: "Crear y descargar los enlaces",
  wrongTitle: (count: string) => `${count} filas con problemas`,
  wrongText: "Corrígelas en tu hoja de cálculo y sube el archivo otra vez. No se importó nada todavía.",
  row: "Fila",
  problem: "Problema",
  andMore: (count: string) => `y ${count} filas más`,
  repeatedId: "El identificador está repetido en el archivo.",
  conflicts: {
    nameTaken:
      "Ya hay un cliente con el identificador que sale de este nombre. Si es el mismo negocio, búscalo en Clientes y copia su identificador y su correo en esta fila. Si es otro, escribe un identificador nuevo en la columna id (agrégala si falta).",
    otherEmail:
      "Ya hay un cliente con este identificador y otro correo. Si es el mismo negocio, cambia primero el correo en su página. Si es otro, escribe en la columna id un identificador nuevo.",
  },
  headers: ["nombre", "correo", "telefono", "id", "enlace", "caduca", "problema"],
  linkMissing:
    "Se guardó, pero falta su enlace: el servicio de calendarios no lo dio. Repite la importación en un momento, o abre el cliente y crea su enlace.",
  leaving: "No se guardó: este cliente se está eliminando. Repite la importación en un momento.",
  notSaved: "No se guardó. Repite la importación en un momento.",
  fileName: "enlaces.csv",
  repeatedColumns: (names: string) =>
    `Estas columnas dicen lo mismo o se llaman igual: ${names}. Deja una sola de nombre, de correo, de teléfono y de id, borra las otras y sube el archivo otra vez.`,
  quote: (name: string) => `«${name}»`,
  files: {
    missing: "Elige un archivo.",
    empty: "El archivo no tiene filas debajo de los títulos.",
    notCsv:
      "Esto no parece un archivo CSV: hay comillas sin cerrar o es otro formato. Guárdalo como CSV UTF-8.",
    noColumns: "Faltan columnas: la primera línea debe tener nombre y correo.",
    tooManyRows: "Hay más de 10.000 filas. Divide el archivo.",
    tooLarge: "El archivo pesa más de 5 MB.",
  },
};

const en: typeof es = {
  title: "Import customers",
  subtitle: "Upload the list from your spreadsheet, and download a link for each business.",
  file: "CSV file",
  fileHint:
    "With a first line of titles: name and email, and if you like phone and id. Separated by commas or semicolons. Up to 10,000 rows.",
  read: "Check the file",
  example: "Example",
  readyTitle: (count) => `${count} customers are ready`,
  readyText:
    "They are created, and you get a file with the link of each. Where the identifier and the e-mail are those of a customer already, its name and phone are corrected. It is safe to repeat: the links stay the same.",
  create: "Create and download the links",
  wrongTitle: (count) => `${count} rows with problems`,
  wrongText: "Correct them in your spreadsheet and upload the file again. Nothing was imported yet.",
  row: "Row",
  problem: "Problem",
  andMore: (count) => `and ${count} rows more`,
  repeatedId: "The identifier is in the file twice.",
  conflicts: {
    nameTaken:
      "There is a customer already with the identifier that this name makes. If it is the same business, look it up under Customers and copy its identifier and its e-mail into this row. If it is another, write a new identifier in the id column (add one if there is none).",
    otherEmail:
      "There is a customer already with this identifier and another e-mail. If it is the same business, change the e-mail on its page first. If it is another, write a new identifier in the id column.",
  },
  headers: ["name", "email", "phone", "id", "link", "expires", "problem"],
  linkMissing:
    "Saved, but its link is missing: the calendar service didn’t give one. Repeat the import in a moment, or open the customer and make its link.",
  leaving: "Not saved: this customer is being removed. Repeat the import in a moment.",
  notSaved: "Not saved. Repeat the import in a moment.",
  fileName: "links.csv",
  repeatedColumns: (names) =>
    `These columns say the same or have the same title: ${names}. Keep one each of name, email, phone and id, delete the others, and upload the file again.`,
  quote: (name) => `“${name}”`,
  files: {
    missing: "Choose a file.",
    empty: "The file has no rows below the titles.",
    notCsv:
      "This doesn’t look like a CSV file: quotes aren’t closed, or it is another format. Save it as CSV UTF-8.",
    noColumns: "Columns are missing: the first line needs name and email.",
    tooManyRows: "There are more than 10,000 rows. Split the file.",
    tooLarge: "The file is larger than 5 MB.",
  },
};

const pt: typeof es = {
  title: "Importar clientes",
  subtitle: "Envie a lista da sua planilha e baixe um link para cada negócio.",
  file: "Arquivo CSV",
  fileHint:
    "Com uma primeira linha de títulos: nome e email, e se quiser telefone e id. Separado por vírgulas ou ponto e vírgula. Até 10.000 linhas.",
  read: "Conferir o arquivo",
  example: "Exemplo",
  readyTitle: (count) => `${count} clientes prontos`,
  readyText:
    "São criados e você recebe um arquivo com o link de cada um. Se o identificador e o e-mail já são de um cliente, o nome e o telefone dele são corrigidos. Pode repetir sem medo: os links continuam os mesmos.",
  create: "Criar e baixar os links",
  wrongTitle: (count) => `${count} linhas com problemas`,
  wrongText: "Corrija-as na planilha e envie o arquivo de novo. Nada foi importado ainda.",
  row: "Linha",
  problem: "Problema",
  andMore: (count) => `e mais ${count} linhas`,
  repeatedId: "O identificador está repetido no arquivo.",
  conflicts: {
    nameTaken:
      "Já existe um cliente com o identificador que sai deste nome. Se é o mesmo negócio, procure-o em Clientes e copie o identificador e o e-mail dele nesta linha. Se é outro, escreva um identificador novo na coluna id (acrescente-a se faltar).",
    otherEmail:
      "Já existe um cliente com este identificador e outro e-mail. Se é o mesmo negócio, mude primeiro o e-mail na página dele. Se é outro, escreva na coluna id um identificador novo.",
  },
  headers: ["nome", "email", "telefone", "id", "link", "expira", "problema"],
  linkMissing:
    "Foi salvo, mas falta o link: o serviço de calendários não o deu. Repita a importação em instantes, ou abra o cliente e crie o link.",
  leaving: "Não foi salvo: este cliente está sendo removido. Repita a importação em instantes.",
  notSaved: "Não foi salvo. Repita a importação em instantes.",
  fileName: "links.csv",
  repeatedColumns: (names) =>
    `Estas colunas dizem o mesmo ou têm o mesmo título: ${names}. Deixe uma só de nome, de email, de telefone e de id, apague as outras e envie o arquivo de novo.`,
  quote: (name) => `“${name}”`,
  files: {
    missing: "Escolha um arquivo.",
    empty: "O arquivo não tem linhas abaixo dos títulos.",
    notCsv: "Isto não parece um arquivo CSV: há aspas sem fechar ou é outro formato. Salve como CSV UTF-8.",
    noColumns: "Faltam colunas: a primeira linha precisa ter nome e email.",
    tooManyRows: "Há mais de 10.000 linhas. Divida o arquivo.",
    tooLarge: "O arquivo tem mais de 5 MB.",
  },
};

export const importWords: InAllLanguages<typeof es> = { es, en, pt };
