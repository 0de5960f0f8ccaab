import { createServer } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { joinFleet } from './connect-redis.ts'
import { SilentProxy } from './silent-proxy.fixture.ts'
import { limit, pause, TestFleet, until } from './test-fleet.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

const circuit = { name: 'open', remainingMs: 60_000, retryAfterMs: 0, failedProbes: 0 } as const

describe('a process', () => {
  it('that has left takes nothing, since others have its share', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join()
    await fleet.takes(one, 1)
    await pause(150)
    await one.dispose()
    expect(await one.limits.take([{ ...limit, amount: 1 }])).toMatchObject({ taken: false })
    fleet.time.advance(70_000)
    expect(await one.limits.take([{ ...limit, amount: 1 }])).toMatchObject({ taken: false })
  })

  it('that leaves does not come back for anything that it hears meanwhile', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join({}, { heartbeatMs: 60_000 })
    await fleet.server.command('CLIENT', 'PAUSE', '200', 'ALL')
    const leaving = one.dispose()
    await pause(20)
    void one.limits.take([{ ...limit, amount: 1 }])
    await leaving
    expect(await fleet.server.command('HKEYS', '{switchyard}:fleet')).not.toMatch(/\r\nm:/)
  })

  it('that was too busy to read an answer in time has it all the same', async context => {
    await using fleet = await TestFleet.start(context)
    const states: string[] = []
    const one = await fleet.join({ timeoutMs: 100, onState: state => states.push(state) }, { heartbeatMs: 60_000 })
    await fleet.takes(one, 1)
    await pause(100)
    await fleet.server.command('CLIENT', 'PAUSE', '40', 'ALL')
    const taking = one.limits.take([{ ...limit, amount: 1 }])
    // the question has gone out, and the answer comes while nobody reads
    await pause(10)
    await new Promise(resolve => setImmediate(resolve))
    const busyUntil = performance.now() + 200
    while (performance.now() < busyUntil);
    expect(await taking).toMatchObject({ taken: true })
    expect(states).toEqual(['shared'])
  })

  it('survives what those throw who hear of its state', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join({
      onState: () => {
        throw new Error('Not of its making.')
      },
    })
    expect(one.state).toBe('shared')
    await fleet.server.restart()
    await fleet.all('away')
    await fleet.all('shared')
    expect(await fleet.take(one)).toBe(true)
  })

  it('takes up its part as Redis counts, and not one more', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join({}, { heartbeatMs: 60_000 })
    await fleet.takes(one, 1)
    await fleet.untilRedisSays(['HGET', '{switchyard}:limit:tier:requests', 'e'], 50)
    expect(await fleet.takes(one, 89)).toBe(89)
    await fleet.server.kill()
    expect(await fleet.takes(one, 100)).toBe(10)
  })

  it('whose scripts Redis has thrown away sends them again', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join({}, { heartbeatMs: 60_000 })
    await fleet.takes(one, 1)
    await fleet.server.command('SCRIPT', 'FLUSH')
    expect(await fleet.takes(one, 2)).toBe(2)
    expect(one.state).toBe('shared')
  })

  it('leaves no connection behind that comes about after it has given up on it', async () => {
    let open = 0
    const server = createServer(socket => {
      open++
      socket.resume()
      socket.on('error', () => undefined)
      socket.on('close', () => open--)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const sharing = await joinFleet({ url: `redis://127.0.0.1:${port}`, timeoutMs: 10 }, { heartbeatMs: 20 })
    await sharing.dispose()
    await until(() => open === 0)
    await new Promise(resolve => server.close(resolve))
  })
})

describe('numbers that are none', () => {
  it('are refused where something is taken, and ignored where something is corrected', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join()
    for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, 101]) {
      expect(await one.limits.take([{ ...limit, amount }])).toEqual({
        taken: false,
        key: limit.key,
        retryAfterMs: undefined,
      })
    }
    expect(await fleet.take(one, { ...limit, amount: 0.5 })).toBe(true)
    expect(await one.limits.left(limit)).toBe(99)
    const at = fleet.time.monotonic()
    await one.limits.correct([
      { ...limit, at, by: Number.NaN },
      { ...limit, at: Number.NaN, by: 5 },
    ])
    expect(await one.limits.left(limit)).toBe(99)
    await one.limits.correct([{ ...limit, at, by: 1e300 }])
    expect(await one.limits.left(limit)).toBe(0)
    await one.limits.correct([{ ...limit, at, by: Number.NEGATIVE_INFINITY }])
    expect(await one.limits.left(limit)).toBe(99)
    expect(one.state).toBe('shared')
  })
})

describe('circuits', () => {
  it('of a fleet in another database of the same Redis are not heard', async context => {
    await using fleet = await TestFleet.start(context)
    const one = await fleet.join({ url: `${fleet.server.url}/1` })
    const [other, same] = [
      await fleet.join({ url: `${fleet.server.url}/2` }),
      await fleet.join({ url: `${fleet.server.url}/1` }),
    ]
    const heard: string[] = []
    other.circuits.listen(key => heard.push(`other ${key}`))
    same.circuits.listen(key => heard.push(`same ${key}`))
    one.circuits.tell('openai', circuit, 'outcome')
    await until(() => heard.length > 0)
    expect(heard).toEqual(['same openai'])
  })

  it('that could not be told when Redis came back are told the next time', async context => {
    await using fleet = await TestFleet.start(context)
    await using proxy = await SilentProxy.start(fleet.server.url)
    const [one, two] = [await fleet.join({ url: proxy.url }), await fleet.join()]
    const heard = new Set<string>()
    two.circuits.listen(key => heard.add(key))
    proxy.silent = true
    for (const key of ['one', 'two', 'three']) one.circuits.tell(key, circuit, 'hand')
    await until(() => one.state === 'away')
    await fleet.server.command('SET', '{switchyard}:circuits', 'in the way')
    let returns = 0
    proxy.silent = false
    await until(() => {
      if (one.state === 'shared') returns++
      return returns > 0
    })
    await until(() => one.state === 'away')
    await fleet.server.command('DEL', '{switchyard}:circuits')
    await until(() => heard.size === 3)
  })
})
