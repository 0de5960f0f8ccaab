import type { z } from 'zod'
import { didYouMean } from './nearest-name.ts'
import type { ConfigPath, Problem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** What a failed check says, for people. Values are never repeated: one of them may be a key. */
export function schemaProblems(issues: readonly Issue[], value: unknown, under: ConfigPath = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...under, ...issue.path] as ConfigPath
    const found = valueAt(value, path)
    switch (issue.code) {
      case 'unrecognized_keys': {
        const messages = issue.message.split('\n')
        return issue.keys.map((key, at) => ({ path: [...path, key], message: messages[at] ?? 'unknown key' }))
      }
      case 'invalid_union':
        if (found !== undefined && !issue.message.startsWith('Invalid input')) return [{ path, message: issue.message }]
        return schemaProblems(meantBranch(issue.errors as readonly (readonly Issue[])[], found), value, path)
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({ path, message }))
      case 'invalid_type':
        if (found === undefined && issue.message.startsWith('Invalid input')) {
          return [{ path, message: 'this key is missing' }]
        }
        if (issue.message.startsWith('Invalid input')) {
          return [{ path, message: `expected ${kinds[issue.expected] ?? issue.expected}, found ${kindOf(found)}` }]
        }
        return [{ path, message: issue.message }]
      case 'invalid_value': {
        if (found === undefined) return [{ path, message: 'this key is missing' }]
        const allowed = issue.values.map(String)
        const isText = typeof found === 'string'
        // one word is a kind among many, of a union
        if (!isText && allowed.length === 1) return [{ path, message: `expected text, found ${kindOf(found)}` }]
        const near = isText ? didYouMean(found, allowed) : `; found ${kindOf(found)}`
        return [{ path, message: `expected ${allowed.map(word => `"${word}"`).join(', ')}${near}` }]
      }
      case 'too_small':
        if (issue.origin === 'string') return [{ path, message: 'must not be empty' }]
        if (issue.origin === 'array') return [{ path, message: issue.message }]
        return [{ path, message: `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` }]
      case 'too_big':
        return [{ path, message: `must be at most ${issue.maximum}` }]
      default:
        return [{ path, message: issue.message }]
    }
  })
}

// of the forms a value may take, the one that was most likely meant: it agrees about the type, and fails least
function meantBranch(branches: readonly (readonly Issue[])[], found: unknown): readonly Issue[] {
  let meant = branches[0] ?? []
  let best = Number.POSITIVE_INFINITY
  for (const branch of branches) {
    const wrongShape = branch.some(({ path, code }) => path.length === 0 && /^invalid_(type|union)$/.test(code))
    const wrongType = branch.some(issue => issue.path[0] === 'type' && valueAt(found, ['type']) !== undefined)
    const score = (wrongShape ? 10_000 : 0) + (wrongType ? 1_000 : 0) + branch.length
    if (score < best) {
      best = score
      meant = branch
    }
  }
  return meant
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<string | number, unknown>)[key]
  }
  return found
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'one without bounds'
  return kinds[typeof value] ?? typeof value
}
