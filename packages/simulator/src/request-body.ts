import type { IncomingMessage } from 'node:http'

/** The bytes of a request's body as text; `undefined` when there are more than `limit`, or the client went away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request) {
      length += (chunk as Buffer).length
      if (length > limit) return undefined
      chunks.push(chunk as Buffer)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The first header that must not be repeated and is. */
export function repeatedHeader(request: IncomingMessage, names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] as string).toLowerCase()
    if (!names.includes(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}
