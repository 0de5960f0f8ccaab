const extensions: Readonly<Record<string, string>> = { plain: 'txt', markdown: 'md' }

/** The name of a document's data that came without one: OpenAI refuses data without. */
export function madeFileName(mediaType: string): string {
  const subtype = /\/([\w.+-]+)/.exec(mediaType)?.[1] ?? 'bin'
  return `document.${extensions[subtype] ?? subtype}`
}
