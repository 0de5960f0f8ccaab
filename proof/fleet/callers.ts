import { setTimeout as pause } from 'node:timers/promises'
import { type Answered, ask } from './ask.ts'
import type { Gateway } from './gateway.ts'
import { between, seededRandom, weighted } from './seeded-choice.ts'

// one target alone, too: there nobody takes over where its limit refuses
const models = [
  [40, 'upwards'],
  [40, 'downwards'],
  [10, 'north/gpt-sim'],
  [10, 'west/gpt-sim'],
] as const

/** One request of a caller, and how it ended for it. */
export interface CallerRequest {
  readonly requestId: string
  readonly traceId: string
  readonly gateway: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly answered: Answered
}

/** So many callers who ask again and again, each the next gateway, until they are told to stop. */
export class Callers {
  readonly requests: CallerRequest[] = []
  acknowledged = 0
  /** How many were refused for money since anybody was answered. */
  refusedInARow = 0
  #stopped = false
  readonly #gateways: readonly Gateway[]
  readonly #seed: string
  readonly #running: Promise<unknown>

  constructor(count: number, gateways: readonly Gateway[], seed: string) {
    this.#gateways = gateways
    this.#seed = seed
    this.#running = Promise.all(Array.from({ length: count }, (_, number) => this.#call(number)))
  }

  /** Settles when the last answer of everybody is there. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #call(caller: number): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      const gateway = this.#gateways[(caller + round) % this.#gateways.length] as Gateway
      // as a load balancer does, whose health checks see within moments who does not answer
      if (gateway.stopped && round % 8 !== 0) continue
      const requestId = `fleet-${caller}-${round}`
      const random = seededRandom(this.#seed, requestId)
      const traceId = hexadecimal(caller * 1_000_000 + round + 1)
      const at = Date.now()
      const answered = await ask({
        url: gateway.url,
        requestId,
        traceId,
        model: weighted(random, models),
        prompt: promptOf(random, requestId),
        maxTokens: between(random, 25, 60),
        stream: random() < 0.6,
        ...(random() < 0.1 && { leavesAfter: between(random, 5, 900) }),
      })
      this.requests.push({ requestId, traceId, gateway: gateway.name, at, answered })
      if (answered.type === 'acknowledged') {
        this.acknowledged++
        this.refusedInARow = 0
      } else if (answered.type !== 'left') {
        if (isRefusedBy(answered, 'budget "fleet"')) this.refusedInARow++
        await pause(between(random, 100, 500))
      }
    }
  }
}

/** Whether its words name what refused: where targets refuse for different reasons, there is no status of all. */
export function isRefusedBy(answered: Answered, by: string): boolean {
  return answered.type === 'refused' && answered.message.toLowerCase().includes(by)
}

// what takes two and four bytes, too: bounds are made of bytes
function promptOf(random: () => number, requestId: string): string {
  const words = Array.from({ length: between(random, 2, 30) }, () => (random() < 0.1 ? 'Größe 🚲' : 'question'))
  return `${requestId}: ${words.join(' ')}`
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(32, '0')
}
