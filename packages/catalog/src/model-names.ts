import { parseDate } from './calendar-date.ts'

/**
 * Providers that name every snapshot of a model by the model's id and a date. Elsewhere a dated name may be another
 * model, so only those count that the data list.
 */
const datedName: Readonly<Record<string, RegExp>> = {
  openai: /^(.+)-(\d{4}-\d{2}-\d{2})$/,
}

/** The id in a snapshot's name, where the provider's pattern tells one. */
export function idOfSnapshot(provider: string, name: string): string | undefined {
  const match = datedName[provider]?.exec(name)
  if (match == null) return undefined
  return parseDate(match[2] as string) === undefined ? undefined : match[1]
}

/** What Ollama takes a bare name to mean, and the reverse. */
export function withoutDefaultTag(provider: string, name: string): string | undefined {
  return provider === 'ollama' && name.endsWith(':latest') ? name.slice(0, -':latest'.length) : undefined
}

/** A `provider/model` in its two halves, split at the first slash. */
export function splitReference(reference: string): readonly [provider: string, model: string] | undefined {
  const slash = reference.indexOf('/')
  return slash < 1 || slash === reference.length - 1
    ? undefined
    : [reference.slice(0, slash), reference.slice(slash + 1)]
}
