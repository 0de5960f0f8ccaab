import type { AnswerEnding } from './answer.ts'
import type { FaultKind } from './error-wording.ts'
import type { ErrorShape, ScriptEntry, Step } from './fault.ts'

type FieldKind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'number-or-string' | 'number-or-object'
type Fields = Readonly<Record<string, FieldKind>>

const place: Fields = { atByte: 'number', atEvent: 'number' }

const known: Readonly<Record<Step['type'], { readonly needs?: Fields; readonly takes?: Fields }>> = {
  status: {
    takes: {
      status: 'number',
      kind: 'string',
      shape: 'string',
      body: 'string',
      message: 'string',
      code: 'string',
      errorType: 'string',
      headers: 'object',
      retryAfter: 'number-or-string',
      echoKey: 'boolean',
    },
  },
  reset: { takes: { atByte: 'number' } },
  silence: {},
  slow: { needs: { ms: 'number' } },
  'slow-first-event': { needs: { ms: 'number' } },
  drip: { needs: { ms: 'number' } },
  cut: { takes: place },
  stall: { takes: place },
  'malformed-event': { needs: { atEvent: 'number' }, takes: { text: 'string' } },
  'error-event': {
    needs: { atEvent: 'number' },
    takes: {
      kind: 'string',
      shape: 'string',
      message: 'string',
      code: 'string',
      errorType: 'string',
      echoKey: 'boolean',
    },
  },
  'no-terminator': {},
  'no-finish': {},
  'no-usage': {},
  'whole-tool-calls': {},
  'tool-calls-without-index': {},
  comments: {},
  'other-text': { takes: { text: 'string' } },
  prefill: { needs: { behaviour: 'string' } },
  'chunk-size': { needs: { bytes: 'number' } },
  'content-length': { needs: { off: 'number' } },
  'keeps-generating': { takes: { tokens: 'number' } },
  answer: {
    takes: {
      text: 'string',
      pieces: 'array',
      reasoning: 'string',
      refusal: 'string',
      toolCalls: 'array',
      signature: 'string',
      ending: 'string',
      finishReason: 'string',
      otherChoices: 'array',
      cachedTokens: 'number',
      cacheWriteTokens: 'number-or-object',
    },
  },
}

const kinds: Readonly<Record<FaultKind, true>> = {
  authentication: true,
  permission: true,
  'not-found': true,
  'invalid-request': true,
  'context-length': true,
  'content-filter': true,
  'rate-limit': true,
  quota: true,
  overloaded: true,
  unavailable: true,
  timeout: true,
}

const shapes: Readonly<Record<ErrorShape, true>> = {
  native: true,
  string: true,
  fastapi: true,
  html: true,
  empty: true,
  truncated: true,
}

const eventShapes = { event: true, field: true } as const

const endings: Readonly<Record<AnswerEnding, true>> = {
  stop: true,
  'stop-sequence': true,
  length: true,
  'tool-calls': true,
  'content-filter': true,
  refusal: true,
  pause: true,
  'context-length': true,
}

/** One entry of a script as the steps it stands for. A string is an answer. */
export function stepsOf(entry: ScriptEntry): readonly Step[] {
  if (typeof entry === 'string') return [{ type: 'answer', text: entry }]
  return Array.isArray(entry) ? entry : [entry as Step]
}

/**
 * Reads the JSON of an `x-simulate` header or of `metadata.simulate`.
 * @throws {TypeError} that names what is wrong.
 */
export function parseSteps(json: string, origin: string): readonly Step[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new TypeError(`${origin} is not JSON; it should be like {"type":"status","status":503}.`)
  }
  const list = Array.isArray(value) ? value : [value]
  for (const [index, step] of list.entries()) checkStep(step, Array.isArray(value) ? `${origin}[${index}]` : origin)
  return list as Step[]
}

/** @throws {TypeError} when a step is not one that the simulator knows. */
export function checkStep(step: unknown, where: string): asserts step is Step {
  const type = isRecord(step) ? step.type : undefined
  const fields = typeof type === 'string' && Object.hasOwn(known, type) ? known[type as Step['type']] : undefined
  if (!isRecord(step) || fields === undefined) {
    throw new TypeError(
      `${where}.type is ${JSON.stringify(type)}; it should be one of ${Object.keys(known).join(', ')}.`,
    )
  }
  for (const [name, kind] of Object.entries(fields.needs ?? {})) {
    if (!isKind(step[name], kind)) throw new TypeError(`${where}.${name} should be a ${kind}.`)
  }
  for (const [name, value] of Object.entries(step)) {
    const kind = fields.takes?.[name] ?? fields.needs?.[name]
    if (name === 'type' || value === undefined) continue
    if (kind === undefined) throw new TypeError(`${where}.${name} is not a field of "${type}".`)
    if (!isKind(value, kind)) throw new TypeError(`${where}.${name} should be a ${kind}.`)
  }
  if (type === 'chunk-size' && !((step.bytes as number) >= 1))
    throw new TypeError(`${where}.bytes should be 1 or more.`)
  checkWord(step.kind, kinds, `${where}.kind`)
  checkWord(step.shape, type === 'status' ? shapes : eventShapes, `${where}.shape`)
  checkWord(step.ending, endings, `${where}.ending`)
  if (type === 'status' && step.status === undefined && step.kind === undefined) {
    throw new TypeError(`${where} should have a status or a kind.`)
  }
}

function checkWord(value: unknown, words: Readonly<Record<string, true>>, where: string): void {
  if (value === undefined || Object.hasOwn(words, value as string)) return
  throw new TypeError(`${where} is ${JSON.stringify(value)}; it should be one of ${Object.keys(words).join(', ')}.`)
}

function isKind(value: unknown, kind: FieldKind): boolean {
  if (kind === 'array') return Array.isArray(value)
  if (kind === 'object') return isRecord(value)
  if (kind === 'number-or-string') return typeof value === 'number' || typeof value === 'string'
  if (kind === 'number-or-object') return typeof value === 'number' || isRecord(value)
  return typeof value === kind
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
