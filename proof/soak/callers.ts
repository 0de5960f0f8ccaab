import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { between, seededRandom, weighted } from '../fleet/seeded-choice.ts'
import { chains, targets } from './configuration.ts'
import { answerTo } from './providers.ts'

/** How requests ended, counted. */
export interface Tally {
  whole: number
  failed: number
  refused: number
  left: number
  /** What refused and broken answers said, by their codes. */
  readonly codes: Record<string, number>
  /** Neither what was to be said nor the beginning of it: what nobody may ever see. */
  readonly wrong: string[]
}

type Manner = 'stream' | 'whole' | 'leaves' | 'pauses'

/** So many callers who ask, leave and pause, until they are told to stop. */
export class Callers {
  readonly tally: Tally = { whole: 0, failed: 0, refused: 0, left: 0, codes: {}, wrong: [] }
  readonly #url: string
  readonly #seed: string
  readonly #agent = new Agent({ keepAlive: true })
  #stopped = false
  readonly #running: Promise<unknown>

  constructor(count: number, url: string, seed: string) {
    this.#url = url
    this.#seed = seed
    this.#running = Promise.all(Array.from({ length: count }, (_, number) => this.#call(number)))
  }

  /** How many requests were made. */
  get asked(): number {
    const { whole, failed, refused, left, wrong } = this.tally
    return whole + failed + refused + left + wrong.length
  }

  /** Settles when the last has its answer, and their connections are closed. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    this.#agent.destroy()
  }

  async #call(caller: number): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      const random = seededRandom(this.#seed, caller, round)
      const manner = weighted<Manner>(random, [
        [5, 'stream'],
        [3, 'whole'],
        [2, 'leaves'],
        [1, 'pauses'],
      ])
      const model = weighted(random, [
        ...chains.map(chain => [4, chain] as const),
        ...targets.map(one => [1, one] as const),
      ])
      const prompt = `Say ${this.#seed}-${caller}-${round}${manner === 'pauses' ? ' at length' : ''}`
      await this.#ask(model, prompt, manner, random)
    }
  }

  async #ask(model: string, prompt: string, manner: Manner, random: () => number): Promise<void> {
    const stream = manner !== 'whole'
    const body = JSON.stringify({ model, stream, max_tokens: 20_000, messages: [{ role: 'user', content: prompt }] })
    const outgoing = request(`${this.#url}/v1/chat/completions`, {
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    const leaving = manner === 'leaves' ? setTimeout(() => outgoing.destroy(), between(random, 1, 900)) : undefined
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.on('response', resolve)
        outgoing.on('error', reject)
        outgoing.end(body)
      })
      response.setEncoding('utf8')
      let text = ''
      for await (const piece of response) {
        text += piece
        if (manner === 'pauses' && random() < 0.05) await pause(between(random, 200, 1_500))
      }
      this.#count(text)
      this.#judge(prompt, response.statusCode ?? 0, stream ? streamed(text) : whole(text))
    } catch {
      this.tally.left++
    } finally {
      clearTimeout(leaving)
    }
  }

  #count(text: string): void {
    const code = /"error":\{.*?"code":"([a-z_-]+)"/.exec(text.slice(-5_000))?.[1]
    if (code !== undefined) this.tally.codes[code] = (this.tally.codes[code] ?? 0) + 1
  }

  #judge(prompt: string, status: number, { text, ended }: Received): void {
    if (status !== 200) this.tally.refused++
    else {
      const said = [answerTo(prompt), answerTo(prompt, true)]
      if (ended && said.includes(text)) this.tally.whole++
      else if (!ended && said.some(answer => answer.startsWith(text))) this.tally.failed++
      else this.tally.wrong.push(`${prompt}: ${ended ? 'ended' : 'broke'} with ${JSON.stringify(text)}`)
    }
  }
}

interface Received {
  readonly text: string
  readonly ended: boolean
}

interface Told {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string }
    readonly message?: { readonly content?: string }
  }[]
}

function streamed(text: string): Received {
  const events = text.split('\n\n').filter(event => event.startsWith('data: {'))
  const pieces = events.map(event => (JSON.parse(event.slice(6)) as Told).choices?.[0]?.delta?.content ?? '')
  return { text: pieces.join(''), ended: text.endsWith('data: [DONE]\n\n') }
}

function whole(text: string): Received {
  const { choices } = JSON.parse(text) as Told
  return { text: choices?.[0]?.message?.content ?? '', ended: true }
}
