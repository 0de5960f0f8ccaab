import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { connectRedis, joinFleet } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'

const secret = 'hunter2'

describe('connecting to Redis', () => {
  it.each([
    ['not a url', { url: `${secret}` }, 'redis.url'],
    ['another protocol', { url: `https://user:${secret}@host` }, 'redis.url'],
    ['a path that is no database', { url: `redis://user:${secret}@host/name` }, 'redis.url'],
    ['a prefix with braces', { url: 'redis://host', prefix: '{a}' }, 'redis.prefix'],
    ['an empty prefix', { url: 'redis://host', prefix: '' }, 'redis.prefix'],
    ['an unknown policy', { url: 'redis://host', whenAway: 'guess' as 'share' }, 'redis.whenAway'],
    ['a password that cannot be read', { url: `redis://user:%${secret}@host` }, 'redis.url'],
    ['no time to answer', { url: 'redis://host', timeoutMs: 0 }, 'redis.timeoutMs'],
    ['more time than timers know', { url: 'redis://host', timeoutMs: 1e12 }, 'redis.timeoutMs'],
  ])('refuses %s, and repeats no secret', async (_, options, param) => {
    const refusal = await Promise.resolve()
      .then(() => connectRedis(options))
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ kind: 'invalid-request', param })
    expect(`${refusal}`).not.toContain(secret)
  })

  it('that refuses the password says so, without the password', async context => {
    await using server = await ownRedis(context)
    await server.command('CONFIG', 'SET', 'requirepass', 'right')
    const states: string[] = []
    const url = server.url.replace('//', `//:${secret}@`)
    const sharing = await joinFleet({ url, onState: state => states.push(state) }, { heartbeatMs: 50 })
    try {
      expect(sharing.state).toBe('joining')
      expect(sharing.problem).toBe('WRONGPASS')
      expect(JSON.stringify(sharing)).not.toContain(secret)
      expect(states).toEqual([])
    } finally {
      await sharing.dispose()
    }
  })

  it('needs no more rights than the README says', async context => {
    await using server = await ownRedis(context)
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const rights = /`(~\{switchyard\}[^`]*)`/.exec(readme)?.[1]?.split(' ') ?? []
    expect(await server.command('ACL', 'SETUSER', 'small', 'on', `>${secret}`, ...rights)).toBe('+OK\r\n')
    await using sharing = await joinFleet(
      { url: server.url.replace('//', `//small:${secret}@`) },
      { heartbeatMs: 50, settleMs: 0 },
    )
    expect(sharing.state).toBe('shared')
    expect(await sharing.limits.take([{ key: 'a', limit: 1, windowMs: 60_000, amount: 1 }])).toMatchObject({
      taken: true,
    })
    expect(await server.command('HGET', '{switchyard}:fleet', '#run')).toMatch(/^\$40/)
    const circuit = { name: 'open', remainingMs: 60_000, retryAfterMs: 0, failedProbes: 0 } as const
    sharing.circuits.tell('openai', circuit, 'outcome')
    expect(await sharing.circuits.probe('openai', 1_000, false)).toMatchObject({ granted: false })
    expect(sharing.state).toBe('shared')
  })

  it('tells when its state changes, and why', async context => {
    await using server = await ownRedis(context)
    const states: string[] = []
    const sharing = await joinFleet(
      { url: server.url, onState: state => states.push(state) },
      { heartbeatMs: 50, settleMs: 0 },
    )
    expect(sharing.problem).toBeUndefined()
    await server.kill()
    for (let tries = 0; sharing.state !== 'away' && tries < 500; tries++) await new Promise(r => setTimeout(r, 10))
    expect(states).toEqual(['shared', 'away'])
    expect(sharing.problem).toMatch(/^\w+$/)
    await sharing.dispose()
  })

  it('ends with nothing left that keeps a process alive', async context => {
    await using server = await ownRedis(context)
    const { execFileSync } = await import('node:child_process')
    const program = `
      import { connectRedis } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const redis = await connectRedis({ url: process.env.URL })
      await redis.limits.take([{ key: 'a', limit: 1, windowMs: 60_000, amount: 1 }])
      await redis.dispose()
      await redis.dispose()
      console.log(redis.members)`
    const env = { ...process.env, URL: server.url }
    const args = ['--input-type=module', '--eval', program]
    // what stays open would run into the time limit
    expect(execFileSync(process.execPath, args, { env, timeout: 20_000 }).toString().trim()).toBe('1')
  }, 30_000)
})
