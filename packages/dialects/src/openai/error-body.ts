import { isObject } from '../json.ts'

/** What an error body says, whatever its shape. */
export interface ErrorFacts {
  readonly message?: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
}

/** Reads OpenAI's shape and those of its imitators: a bare string, `detail`, `{ code, error }`, HTML, nothing. */
export function readErrorBody(body: string): ErrorFacts {
  const text = body.trim()
  if (text === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { message: text.startsWith('<') ? htmlText(text) : text }
  }
  return readErrorValue(value)
}

export function readErrorValue(value: unknown): ErrorFacts {
  if (typeof value === 'string') return value === '' ? {} : { message: value }
  if (Array.isArray(value)) return value.length > 0 ? readErrorValue(value[0]) : {}
  if (!isObject(value)) return {}
  if (isObject(value.error)) return fields(value.error)
  if (typeof value.error === 'string') return { ...fields(value), message: value.error }
  if (value.detail !== undefined) return readDetail(value.detail)
  return fields(value)
}

function fields(error: Record<string, unknown>): ErrorFacts {
  const message = word(error.message) ?? (isObject(error.message) ? JSON.stringify(error.message) : undefined)
  const type = word(error.type)
  const code = word(error.code)
  const param = word(error.param)
  return {
    ...(message !== undefined && { message }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(param !== undefined && { param }),
  }
}

// FastAPI: a text, or a list of places and what is wrong with them
function readDetail(detail: unknown): ErrorFacts {
  if (typeof detail === 'string') return { message: detail }
  if (!Array.isArray(detail)) return readErrorValue(detail)
  const faults = detail.filter(isObject).map(fault => {
    const place = Array.isArray(fault.loc) ? fault.loc.filter(step => step !== 'body').join('.') : ''
    return { place, said: `${place}${place && ': '}${word(fault.msg) ?? 'invalid'}` }
  })
  const [first] = faults
  if (first === undefined) return {}
  return { message: faults.map(fault => fault.said).join('; '), ...(first.place !== '' && { param: first.place }) }
}

function word(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  return typeof value === 'number' ? String(value) : undefined
}

function htmlText(html: string): string {
  return html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
