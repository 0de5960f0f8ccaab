import { connect } from 'node:net'

/**
 * The URL of a PostgreSQL that answers: `DATABASE_URL`, else `postgresql://root@127.0.0.1:5432/test`.
 * `undefined` where there is none, after saying so: then tests skip. Use `createTestDatabase` for a database of one's own.
 * @throws with `CI=true` where there is none, and always where `DATABASE_URL` is set and nothing answers.
 */
export function findPostgres(): Promise<string | undefined> {
  return find('PostgreSQL', 'DATABASE_URL', 'postgresql://root@127.0.0.1:5432/test', 5432)
}

/**
 * The URL of a Redis that answers: `REDIS_URL`, else `redis://127.0.0.1:6379`; others use it too, so have a prefix of
 * your own in it, and flush only what `startPrivateRedis` started.
 * `undefined` where there is none, after saying so: then tests skip.
 * @throws with `CI=true` where there is none, and always where `REDIS_URL` is set and nothing answers.
 */
export function findRedis(): Promise<string | undefined> {
  return find('Redis', 'REDIS_URL', 'redis://127.0.0.1:6379', 6379)
}

async function find(service: string, variable: string, usual: string, port: number): Promise<string | undefined> {
  const told = process.env[variable]
  const url = new URL(told || usual)
  // an address in brackets is one of IPv6
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (await answers(host, Number(url.port || port))) return told || usual
  const place = told ? `where ${variable} says` : `on ${url.host}`
  const message = `No ${service} answers ${place}. Start one, or name one in ${variable}.`
  if (told || process.env.CI === 'true') throw new Error(message)
  console.warn(`${message} Tests that need it are skipped.`)
  return undefined
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 2_000 })
    const end = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
