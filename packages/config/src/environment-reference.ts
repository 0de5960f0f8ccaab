// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import type { ConfigPath, Problem } from './problem.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const reference = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g

export interface Resolved {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Puts `${NAME}` back where a message repeats what the variable holds. */
  hide(message: string): string
}

// shorter ones are no secrets, and stand in other words
const shortestHidden = 8

/**
 * Puts environment variables where a configuration names them: `${NAME}`, or `${NAME:-default}` where
 * it may be missing or empty; `$${` stands for `${` itself. Missing ones are reported and left out.
 */
export function resolveReferences(value: unknown, environment: Environment): Resolved {
  const problems: Problem[] = []
  const used = new Map<string, string>()
  const resolve = (item: unknown, path: ConfigPath): unknown => {
    if (typeof item === 'string') return resolveText(item, path)
    if (Array.isArray(item)) return item.map((element, at) => resolve(element, [...path, at]))
    if (typeof item === 'object' && item !== null) {
      return Object.fromEntries(Object.entries(item).map(([key, element]) => [key, resolve(element, [...path, key])]))
    }
    return item
  }
  const resolveText = (text: string, path: ConfigPath): string => {
    if (!text.includes('${')) return text
    return text.replace(reference, (whole, name: string | undefined, fallback: string | undefined) => {
      if (whole === '$${') return '${'
      if (name === undefined) {
        problems.push({
          path,
          message: 'a "${" without a variable; write ${NAME}, or $${ for the characters themselves',
        })
        return ''
      }
      const found = environment[name]
      if (fallback !== undefined && (found === undefined || found === '')) return fallback
      if (found === undefined) {
        problems.push({
          path,
          message: `the environment variable ${name} is not set; set it, or write \${${name}:-default}`,
        })
        return ''
      }
      if (found.length >= shortestHidden) used.set(found, whole)
      return found
    })
  }
  const hide = (message: string): string =>
    [...used].reduce((hidden, [found, written]) => hidden.replaceAll(found, () => written), message)
  return { value: resolve(value, []), problems, hide }
}
