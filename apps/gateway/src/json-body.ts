import { SwitchyardError } from '@switchyard/core'
import jsonc from 'jsonc-parser'

/** Parses a request's body. @throws {SwitchyardError} `invalid-request`, saying where it stops being JSON. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') {
    throw new SwitchyardError('invalid-request', 'The request has no body; send a JSON object with model and messages.')
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new SwitchyardError('invalid-request', `The body is not valid JSON: ${wrongPlace(text)}.`)
  }
  // a bracket opens and closes at each depth: a shorter text cannot be so deep
  if (text.length > 2 * deepest && deeper(body, deepest)) {
    throw new SwitchyardError(
      'invalid-request',
      `The body nests lists and objects more than ${deepest} deep; flatten it.`,
    )
  }
  if (text.includes('"__proto__"') && holdsPrototype(body)) {
    throw new SwitchyardError(
      'invalid-request',
      'The body has a key "__proto__", which cannot be passed on; rename it.',
    )
  }
  return body
}

function holdsPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(holdsPrototype)
}

// JSON.parse reads any depth; writing it again, for a target, would overflow the stack
const deepest = 256

function deeper(value: unknown, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (than === 0) return true
  for (const key in value) if (deeper((value as Record<string, unknown>)[key], than - 1)) return true
  return false
}

// JSON.parse does not always say where; what stands around the place is nobody's business
function wrongPlace(text: string): string {
  const first = firstError(text)
  if (first === undefined) return `it nests lists and objects more than ${deepest} deep`
  const { offset } = first
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  return `${what(text, first)} at line ${line}, column ${column} (position ${offset})`
}

interface FirstError {
  readonly offset: number
  readonly code?: string
}

function firstError(text: string): FirstError | undefined {
  let found: FirstError | undefined
  const stop = new Error('found')
  try {
    jsonc.visit(
      text,
      {
        onError(code, offset) {
          found = { offset, code: jsonc.printParseErrorCode(code) }
          // one is enough: each byte of a hostile body may be another
          throw stop
        },
      },
      { disallowComments: true },
    )
  } catch (error) {
    // so deep that the stack is full
    if (error !== stop) return undefined
  }
  return found ?? { offset: text.length }
}

function what(text: string, { offset, code }: FirstError): string {
  if (offset >= text.trimEnd().length) return 'it ends too early'
  if (code === 'UnexpectedEndOfString') return 'a text without its closing quote'
  return `unexpected ${JSON.stringify(text[offset])}`
}
