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
    "Se crean (o se corrigen, si el identificador ya existe) y recibes un archivo con el enlace de cada uno. Puedes repetirlo sin miedo: los enlaces siguen siendo los mismos.",
  create: "Crear y descargar los enlaces",
  wrongTitle: (count: string) => `${count} filas con problemas`,
  wrongText: "Corrígelas en tu hoja de cálculo y sube el archivo otra vez. No se importó nada todavía.",
  line: "Fila",
  problem: "Problema",
  andMore: (count: string) => `y ${count} filas más`,
  repeatedId: "El identificador está repetido en el archivo.",
  headers: ["nombre", "correo", "telefono", "id", "enlace", "caduca", "problema"],
  notCreated: "No se pudo crear: el servicio de calendarios no respondió. Repite la importación.",
  fileName: "enlaces.csv",
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
    "They are created (or corrected, where the identifier exists) and you get a file with the link of each. It is safe to repeat: the links stay the same.",
  create: "Create and download the links",
  wrongTitle: (count) => `${count} rows with problems`,
  wrongText: "Correct them in your spreadsheet and upload the file again. Nothing was imported yet.",
  line: "Row",
  problem: "Problem",
  andMore: (count) => `and ${count} rows more`,
  repeatedId: "The identifier is in the file twice.",
  headers: ["name", "email", "phone", "id", "link", "expires", "problem"],
  notCreated: "Couldn’t be created: the calendar service didn’t answer. Repeat the import.",
  fileName: "links.csv",
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
    "São criados (ou corrigidos, se o identificador já existe) e você recebe um arquivo com o link de cada um. Pode repetir sem medo: os links continuam os mesmos.",
  create: "Criar e baixar os links",
  wrongTitle: (count) => `${count} linhas com problemas`,
  wrongText: "Corrija-as na planilha e envie o arquivo de novo. Nada foi importado ainda.",
  line: "Linha",
  problem: "Problema",
  andMore: (count) => `e mais ${count} linhas`,
  repeatedId: "O identificador está repetido no arquivo.",
  headers: ["nome", "email", "telefone", "id", "link", "expira", "problema"],
  notCreated: "Não pôde ser criado: o serviço de calendários não respondeu. Repita a importação.",
  fileName: "links.csv",
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
