import type { ErrorWording } from './error-wording.ts'
import type { ErrorShape } from './fault.ts'

/** The body of an error in one of the shapes that are met in the wild, and its content type. */
export function errorBody(
  shape: ErrorShape,
  error: ErrorWording,
  native: (error: ErrorWording) => string,
): { readonly body: string; readonly contentType: string } {
  const json = 'application/json'
  switch (shape) {
    case 'native':
      return { body: native(error), contentType: json }
    case 'string':
      return { body: JSON.stringify({ error: error.message }), contentType: json }
    case 'fastapi':
      return {
        body: JSON.stringify({ detail: [{ loc: ['body'], msg: error.message, type: error.type }] }),
        contentType: json,
      }
    case 'html':
      return {
        body: `<html><head><title>Error</title></head><body><h1>${error.message}</h1></body></html>`,
        contentType: 'text/html',
      }
    case 'empty':
      return { body: '', contentType: json }
    case 'truncated': {
      const body = native(error)
      return { body: body.slice(0, Math.floor(body.length / 2)), contentType: json }
    }
  }
}
