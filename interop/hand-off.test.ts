import { type Message, type MessageResponse, responseText, type ToolCallPart } from '@switchyard/core'
import { type Conversation, expectIntact, wireOf } from '@switchyard/testkit'
import { describe, expect, test } from 'vitest'
import { contestantNames, type Party, party } from './providers.fixture.ts'
import { weather } from './tool-conversation.fixture.ts'

const thought = 'Both cities have a station.'
const answer = {
  type: 'answer',
  reasoning: thought,
  text: 'Let me look.',
  toolCalls: ['Oslo', 'Rome'].map(city => ({ name: weather.name, arguments: { city } })),
} as const
const tools = [weather]

const dialectOf = ({ provider, model }: Party) => provider.getCapabilities(model).dialect ?? ''

/** A real answer of the provider that thinks and calls two tools, and the results of these. */
async function begun(origin: Party, stream: boolean): Promise<Conversation> {
  const question: readonly Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is the weather in Oslo and Rome?' },
  ]
  origin.simulator.script([answer])
  const request = { model: origin.model, messages: question, tools, stream, reasoningEffort: 'low' } as const
  const { content } = await (await origin.provider.sendMessage(request)).response()
  const calls = content.filter((part): part is ToolCallPart => part.type === 'tool-call')
  expect(calls.map(({ input }) => input?.city)).toEqual(['Oslo', 'Rome'])
  const results = calls.map(
    ({ id, input }) => ({ type: 'tool-result', callId: id, content: `${input?.city}: 7 degrees` }) as const,
  )
  return {
    name: `what ${origin.name} began`,
    origin: dialectOf(origin),
    tools,
    messages: [...question, { role: 'assistant', content }, { role: 'tool', content: results }],
    secrets: sealsIn(content),
  }
}

/** What the server alone can read: every long text of its own beside what was said. */
function sealsIn(content: MessageResponse['content']): readonly string[] {
  const seals: string[] = []
  const own = content.map(part => {
    if (part.type === 'reasoning') return [part.signature, part.extra]
    return part.type === 'opaque' ? part.value : part.extra
  })
  JSON.stringify(own, (_, value: unknown) => {
    if (typeof value === 'string' && value.length >= 20) seals.push(value)
    return value
  })
  return seals
}

describe.each(contestantNames)('a conversation that %s began', first => {
  test.each([true, false])('goes on with each of the others, streamed or not (begun as a stream: %s)', async begins => {
    await using stack = new AsyncDisposableStack()
    const origin = stack.use(await party(first))
    const conversation = await begun(origin, begins)
    const shown = conversation.messages.some(({ content }) => JSON.stringify(content).includes(thought))
    for (const name of contestantNames.filter(each => each !== first)) {
      await using other = await party(name)
      const dialect = dialectOf(other)
      const { readRequest } = wireOf({ dialect, create: () => other.provider })
      for (const stream of [true, false]) {
        const request = { model: other.model, messages: conversation.messages, tools, stream }
        const said = await (await other.provider.sendMessage(request)).response()
        const logged = other.simulator.requests.at(-1)
        if (logged === undefined) throw new Error(`${name} was not asked`)
        expectIntact(conversation, readRequest(logged), dialect, logged.body)
        const where = `${first}, then ${name}`
        expect(responseText(said), where).toContain('Oslo: 7 degrees')
        expect(responseText(said), where).toContain('Rome: 7 degrees')
        expect(JSON.stringify(logged.body), `${where}: what another thought was told`).not.toContain(thought)
        // within a dialect what was thought stays out as it does at its origin
        if (!shown || dialect === conversation.origin) continue
        expect(
          said.warnings?.map(({ setting }) => setting),
          where,
        ).toContain('messages[2].content[0]')
      }
    }
  })
})

test('what providers think comes with seals where they have them, so that none of them can leak unseen', async () => {
  for (const name of ['openai-responses', 'anthropic', 'gemini'] as const) {
    await using origin = await party(name)
    expect((await begun(origin, true)).secrets, name).not.toEqual([])
  }
})
