import { SwitchyardError } from '@switchyard/core'
import type { Caller } from './callers.ts'
import { HttpError } from './errors.ts'
import { parseJsonBody } from './json-body.ts'

/** Which circuit somebody wants to change. */
export interface CircuitChange {
  /** `provider/model`, or `provider` for an account. */
  readonly target: string
  readonly note?: string
}

const longestNote = 200

/** Reads the body of a change. @throws {SwitchyardError} `invalid-request`, naming the field. */
export function circuitChange(text: string): CircuitChange {
  const body = parseJsonBody(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('target', example)
  const { target, note, ...others } = body as Record<string, unknown>
  const [other] = Object.keys(others)
  if (other !== undefined) {
    throw wrong(other, `There is no field ${JSON.stringify(other.slice(0, 100))}; there are target and note.`)
  }
  if (typeof target !== 'string' || target === '') throw wrong('target', example)
  if (note === undefined) return { target }
  if (typeof note !== 'string' || note.length > longestNote) {
    throw wrong('note', `The field note must be a text of at most ${longestNote} characters.`)
  }
  return { target, note }
}

/** Lets those in who may see and stop what others use. @throws {HttpError} 403 */
export function requireAdmin({ admin, name }: Caller): void {
  if (admin) return
  throw new HttpError(
    403,
    'permission_denied',
    `The key "${name}" may not see how targets stand, nor stop them; ask with a key that has admin: true.`,
  )
}

const example = 'Name a circuit: { "target": "openai/gpt-5.4-mini" }, or { "target": "openai" } for an account.'

function wrong(param: string, message: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
