import { isIPv6 } from 'node:net'
import type { LocalOllama } from './default-config.ts'
import type { Environment } from './environment-reference.ts'
import { ConfigError } from './problem.ts'

const patienceMs = 500

/**
 * The Ollama that answers at `OLLAMA_HOST`, by default on this machine, within half a second; `undefined` where none
 * does, or where it has no model that answers.
 *
 * @throws {ConfigError} where `OLLAMA_HOST` holds a password.
 */
export async function localOllama({ OLLAMA_HOST: host }: Environment): Promise<LocalOllama | undefined> {
  const baseURL = ollamaAddress(host)
  if (baseURL === undefined) return undefined
  const { username, password } = new URL(baseURL)
  if (username || password) {
    const message =
      'holds a user name or password; take it out, and write a configuration file where this Ollama has an apiKey or headers'
    throw new ConfigError('environment', [{ path: ['OLLAMA_HOST'], message }])
  }
  const { createOllama } = await import('@switchyard/ollama')
  await using ollama = createOllama({ id: 'ollama', baseURL })
  try {
    const models = await ollama.getModels({ signal: AbortSignal.timeout(patienceMs) })
    const model = models.find(({ capabilities }) => capabilities?.streaming !== false)
    return model && { baseURL, model: model.id }
  } catch {
    return undefined
  }
}

/** As Ollama's own tools read it: `127.0.0.1`, `:8080`, `http://box:11434`; the address to listen on is one to ask at. */
export function ollamaAddress(host: string | undefined): string | undefined {
  const given = host?.trim().replace(/^["']|["']$/g, '') ?? ''
  const address = isIPv6(given) ? `[${given}]` : given.startsWith(':') ? `127.0.0.1${given}` : given || '127.0.0.1'
  const whole = /^https?:\/\//.test(address) ? address : `http://${address}`
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  // a scheme brings its own port
  if (whole !== address && !/:\d+\/?$/.test(address)) url.port = '11434'
  return url.href.replace(/\/$/, '')
}
