/** One name in the forms that code takes it in. */
export interface ProviderName {
  /** `acme-cloud`: the folder, the id, the name of a dialect of its own. */
  readonly kebab: string
  /** `AcmeCloud`: in the names of functions and types. */
  readonly pascal: string
  /** `ACME_CLOUD`: in the names of environment variables. */
  readonly upper: string
  /** `Acme Cloud`: in sentences. */
  readonly words: string
}

// `createProvider` and `HttpProviderOptions` are taken in the files that are written
const reserved: ReadonlySet<string> = new Set(['provider', 'http-provider'])

/** @throws {UsageError} for a name that no package, id and identifier can have at once. */
export function providerName(text: string): ProviderName {
  if (text === '') throw new UsageError('Give the provider a name: create-provider acme')
  if (/[A-Z]/.test(text)) {
    throw new UsageError(`"${text}" has capital letters, and a provider's name has none. Try "${kebabOf(text)}".`)
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text)) {
    throw new UsageError(`"${text}" is no name for a provider: letters a to z, digits, and "-" between them.`)
  }
  if (text.length > 40) throw new UsageError(`"${text}" is longer than 40 characters.`)
  if (reserved.has(text)) throw new UsageError(`"${text}" says what it is, not who. Name it after who answers.`)
  const parts = text.split('-').map(part => part.charAt(0).toUpperCase() + part.slice(1))
  return { kebab: text, pascal: parts.join(''), upper: text.replaceAll('-', '_').toUpperCase(), words: parts.join(' ') }
}

function kebabOf(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
}

/** The text with the template's name replaced by this one. */
export function renamed(text: string, { kebab, pascal, upper, words }: ProviderName): string {
  return text
    .replaceAll('acme-cloud', kebab)
    .replaceAll('AcmeCloud', pascal)
    .replaceAll('ACME_CLOUD', upper)
    .replaceAll('Acme Cloud', words)
}

/** What somebody who typed a command should read, and nothing else. */
export class UsageError extends Error {}
