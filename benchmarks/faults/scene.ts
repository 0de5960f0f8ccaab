import { type Fault, type SimulatedAnswer, type Simulator, startSimulator } from '@switchyard/simulator'
import { model, otherText, prompt, rightArguments, rightText, tool } from './ask.ts'

/** What a fault does at one of the two providers. */
export interface Part {
  /** `streamed`: this request asks for a stream; `at(share)` is a place in what it would get. */
  faults?(streamed: boolean, at: Places): readonly Fault[]
  readonly answer?: SimulatedAnswer
}

export interface Places {
  /** The event that stands at this share of a streamed answer. */
  event(share: number): number
  /** The byte that stands there, streamed or whole. */
  byte(share: number): number
}

export interface Scene {
  readonly primary: Simulator
  readonly secondary: Simulator
  close(): Promise<void>
}

export const rightAnswer = answerOf(rightText)
export const otherAnswer = answerOf(otherText)
export const rightCall: SimulatedAnswer = {
  type: 'answer',
  text: '',
  toolCalls: [{ name: tool.name, arguments: rightArguments }],
}

/** A stream sends it word by word. */
function answerOf(text: string): SimulatedAnswer {
  return { type: 'answer', pieces: text.split(/(?<= )/) }
}

/** Two simulated providers that answer alike, but for what `primary` and `secondary` say. */
export async function openScene(usual: SimulatedAnswer, primary: Part, secondary: Part): Promise<Scene> {
  const [first, second] = await Promise.all([openProvider(usual, primary), openProvider(usual, secondary)])
  return {
    primary: first,
    secondary: second,
    async close() {
      await Promise.all([first.close(), second.close()])
    },
  }
}

async function openProvider(usual: SimulatedAnswer, part: Part): Promise<Simulator> {
  const sizes = new Map<boolean, Places>()
  const simulator = await startSimulator({
    reply: () => part.answer ?? usual,
    faults({ body }) {
      const streamed = (body as { stream?: unknown } | undefined)?.stream === true
      const places = sizes.get(streamed)
      // while the sizes are being measured nothing goes wrong
      return places === undefined ? [] : (part.faults?.(streamed, places) ?? [])
    },
  })
  for (const streamed of [true, false]) sizes.set(streamed, await measure(simulator, streamed))
  simulator.reset()
  return simulator
}

async function measure(simulator: Simulator, stream: boolean): Promise<Places> {
  const answer = await fetch(`${simulator.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${simulator.apiKey}` },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: prompt }] }),
  })
  const text = await answer.text()
  const events = text.split('\n\n').length - 1
  return {
    event: share => Math.round(events * share),
    byte: share => Math.round(Buffer.byteLength(text) * share),
  }
}
