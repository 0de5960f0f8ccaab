import type { LimitAsk } from '@switchyard/core'
import type { PrivateRedis } from '@switchyard/test-services'
import type { TestContext } from 'vitest'
import { joinFleet, type RedisSharing } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'
import type { RedisOptions, RedisTimes } from './redis-options.ts'
import { SimulatedTime } from './simulated-time.fixture.ts'

/** 100 requests in any minute. */
export const limit = { key: 'tier:requests', limit: 100, windowMs: 60_000 }

/** Processes of one fleet over a Redis of the test's own, in time that stands still until it is moved on. */
export class TestFleet implements AsyncDisposable {
  readonly server: PrivateRedis
  readonly time = new SimulatedTime()
  readonly members: RedisSharing[] = []
  /** When a request was let through, by whomever. */
  readonly sent: number[] = []

  private constructor(server: PrivateRedis) {
    this.server = server
  }

  static async start(context: Pick<TestContext, 'skip'>): Promise<TestFleet> {
    return new TestFleet(await ownRedis(context))
  }

  async join(options: Partial<RedisOptions> = {}, times: Partial<RedisTimes> = {}): Promise<RedisSharing> {
    const member = await joinFleet(
      { url: this.server.url, clock: this.time, timeoutMs: 300, ...options },
      { settleMs: 0, heartbeatMs: 50, now: () => this.time.monotonic(), ...times },
    )
    this.members.push(member)
    return member
  }

  async take(member: RedisSharing, ask: LimitAsk = { ...limit, amount: 1 }): Promise<boolean> {
    const { taken } = await member.limits.take([ask])
    if (taken) this.sent.push(this.time.monotonic())
    return taken
  }

  /** How many of so many takes were granted. */
  async takes(member: RedisSharing, times: number): Promise<number> {
    let granted = 0
    for (let done = 0; done < times; done++) if (await this.take(member)) granted++
    return granted
  }

  /** The most that was let through in any 60 seconds. */
  get busiestMinute(): number {
    const times = this.sent.toSorted((one, other) => one - other)
    let most = 0
    let from = 0
    for (let to = 0; to < times.length; to++) {
      while ((times[to] as number) - (times[from] as number) >= 60_000) from++
      most = Math.max(most, to - from + 1)
    }
    return most
  }

  /** Waits until all are that. */
  async all(state: RedisSharing['state']): Promise<void> {
    await until(() => this.members.every(member => member.state === state))
  }

  /** Waits until what Redis answers to a command ends in this. */
  async untilRedisSays(words: readonly string[], end: string | number): Promise<void> {
    let answer = ''
    await until(async () => {
      answer = await this.server.command(...words)
      return answer.endsWith(`\r\n${end}\r\n`)
    }).catch(() => {
      throw new Error(`${words.join(' ')} is ${JSON.stringify(answer)}, and never became ${end}.`)
    })
  }

  /** Waits until so many processes, at first all, have told and heard. */
  async heartbeats(processes = this.members.length): Promise<void> {
    const before = await this.#told()
    await until(async () => {
      const now = await this.#told()
      // who tells again has heard what came of the time before
      return [...before].filter(([member, told]) => (now.get(member) ?? 0) >= told + 2).length >= processes
    })
  }

  async #told(): Promise<Map<string, number>> {
    const fields = await this.server.command('HGETALL', '{switchyard}:fleet')
    const told = fields.matchAll(/s:(\S+)\r\n\$\d+\r\n(\d+) /g)
    return new Map([...told].map(([, member, number]) => [member as string, Number(number)]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(member => member.dispose()))
    await this.server.stop()
  }
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Waits for as long as a busy machine may take. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const started = performance.now()
  while (!(await what())) {
    if (performance.now() - started > 20_000) throw new Error('It never came to that.')
    await pause(10)
  }
}
