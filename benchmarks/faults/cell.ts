import { setTimeout as wait } from 'node:timers/promises'
import type { Ask, Client } from './ask.ts'
import type { Row } from './faults.ts'
import { rightCall, type Scene } from './scene.ts'
import { type Ending, type Judged, judge, type Verdict } from './verdict.ts'

/** One contender at one fault, by facts that were measured. */
export interface Cell extends Judged {
  readonly row: string
  /** HTTP requests that came in at the two providers. */
  readonly primary: number
  readonly secondary: number
  readonly seconds: number
  /** Of a call whose consumer left: milliseconds until the upstream socket was closed; absent when it never was. */
  readonly closedAfterMs?: number
  /** Of several calls: how they ended. */
  readonly verdicts?: Partial<Record<Verdict, number>>
  /** Errors that nobody could catch. */
  readonly unhandled: number
}

type Outcome = Pick<Cell, 'verdict' | 'share' | 'said' | 'closedAfterMs' | 'verdicts'>

export async function measure(row: Row, scene: Scene, client: Client, unhandled: () => number): Promise<Cell> {
  const before = unhandled()
  const began = performance.now()
  const outcome = await outcomes[row.asks.type](row, scene, client)
  return {
    row: row.id,
    primary: scene.primary.requestCount,
    secondary: scene.secondary.requestCount,
    seconds: Math.round((performance.now() - began) / 10) / 100,
    unhandled: unhandled() - before,
    ...outcome,
  }
}

const outcomes: Readonly<Record<Row['asks']['type'], (row: Row, scene: Scene, client: Client) => Promise<Outcome>>> = {
  one: async (row, _scene, client) => judge(await call(client, row), askOf(row)),

  async leave(row, scene, client) {
    const after = row.asks.type === 'leave' ? row.asks.after : 0
    let pieces = 0
    let leftAt = 0
    const ending = await call(client, row, () => {
      if (++pieces < after) return true
      leftAt = performance.timeOrigin + performance.now()
      return false
    })
    if (ending.error !== undefined || ending.hung) return judge(ending, askOf(row))
    // the rest of the answer takes less than this
    for (let waited = 0; waited < 4_000; waited += 20) {
      const closedAt = scene.primary.requests[0]?.closedByClientAt
      if (closedAt !== undefined) return { verdict: 'exact', closedAfterMs: Math.max(0, Math.round(closedAt - leftAt)) }
      await wait(20)
    }
    return { verdict: 'exact' }
  },

  async many(row, _scene, client) {
    const { calls, atOnce } = row.asks.type === 'many' ? row.asks : { calls: 0, atOnce: 0 }
    const verdicts: Partial<Record<Verdict, number>> = {}
    let left = calls
    const caller = async (): Promise<void> => {
      while (left-- > 0) {
        const { verdict } = judge(await call(client, row), askOf(row))
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: atOnce }, caller))
    return { verdict: verdicts.exact === calls ? 'exact' : 'error', verdicts }
  },
}

function askOf({ stream, usual }: Row): Ask {
  return { stream, tool: usual === rightCall }
}

async function call(client: Client, row: Row, stays = () => true): Promise<Ending> {
  let shown = ''
  const asked = client
    .ask(askOf(row), text => {
      shown += text
      return stays()
    })
    .then(
      answer => ({ shown, answer }),
      error => ({ shown, error }),
    )
  const hung = wait(row.limits.totalMs + patienceMs, undefined, { ref: false }).then(() => ({
    shown,
    hung: true as const,
  }))
  return Promise.race([asked, hung])
}

// beyond its limit a call is not waited for
const patienceMs = 3_000
