import { createChain, type IAIProvider, responseText } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { type ContestantName, contestantNames, type Party, party } from './providers.fixture.ts'
import { type ToolConversation, toolConversation } from './tool-conversation.fixture.ts'

const question = 'What is the weather in Oslo and Rome?'
const expected = ['Oslo: 7 degrees', 'Rome: 21 degrees']

function chainOf(parties: readonly Party[]) {
  return createChain({
    id: 'chain',
    targets: parties.map(({ provider, model }) => ({ provider, model })),
    retry: { attempts: 1 },
  })
}

function expectFinished({ turns }: ToolConversation, results: readonly string[]): void {
  expect(turns.flatMap(turn => turn.results)).toEqual(results)
  const last = turns.at(-1)?.answer
  expect(last?.reason).toBe('stop')
  for (const result of results) expect(last && responseText(last)).toContain(result)
}

describe('a chain of OpenAI, Anthropic, Gemini and Ollama', () => {
  const order: readonly ContestantName[] = ['openai', 'anthropic', 'gemini', 'ollama']
  const from = (first: ContestantName): readonly ContestantName[] => {
    const at = order.indexOf(first)
    return [...order.slice(at), ...order.slice(0, at)]
  }
  const answering = ({ turns }: ToolConversation) => turns.map(turn => turn.answer.model.split('/')[0])

  test.each(order)('%s is down: the next one answers, and the results are the same', async down => {
    await using stack = new AsyncDisposableStack()
    const parties = await Promise.all(from(down).map(async name => stack.use(await party(name))))
    const chain = stack.use(chainOf(parties))
    parties[0]?.simulator.outage()
    const conversation = await toolConversation(chain, question)
    expectFinished(conversation, expected)
    expect(answering(conversation)).toEqual([parties[1]?.name, parties[1]?.name])
  })

  test.each(order)('%s goes down when it has called the tools: the next one finishes', async down => {
    await using stack = new AsyncDisposableStack()
    const parties = await Promise.all(from(down).map(async name => stack.use(await party(name))))
    const chain = stack.use(chainOf(parties))
    const conversation = await toolConversation(chain, question, {
      before: turn => turn > 0 && parties[0]?.simulator.outage(),
    })
    expectFinished(conversation, expected)
    expect(answering(conversation)).toEqual([down, parties[1]?.name])
  })

  test.each(order)('all but %s are down: it alone finishes', async left => {
    await using stack = new AsyncDisposableStack()
    const parties = await Promise.all(order.map(async name => stack.use(await party(name))))
    const chain = stack.use(chainOf(parties))
    for (const { name, simulator } of parties) if (name !== left) simulator.outage()
    const conversation = await toolConversation(chain, question)
    expectFinished(conversation, expected)
    expect(answering(conversation)).toEqual([left, left])
  })
})

describe('a conversation that calls tools at one provider is finished by another', () => {
  const pairs = contestantNames.flatMap(first => contestantNames.map(second => [first, second] as const))

  test.each(pairs)('%s, then %s, and back again', async (first, second) => {
    await using stack = new AsyncDisposableStack()
    const one = stack.use(await party(first))
    const other = first === second ? one : stack.use(await party(second))
    let now = one
    const inTurn: Pick<IAIProvider, 'sendMessage'> = {
      sendMessage: request => now.provider.sendMessage({ ...request, model: now.model, reasoningEffort: 'low' }),
    }
    const change = () => {
      now = now === one ? other : one
    }
    const before = (turn: number) => turn > 0 && change()
    const asked = await toolConversation(inTurn, question, { before })
    expectFinished(asked, expected)
    change()
    const again = await toolConversation(inTurn, 'And the weather in Lima?', { before, messages: asked.messages })
    expectFinished(again, ['Lima: 17 degrees'])
    expect([...asked.turns, ...again.turns].map(turn => turn.answer.model.split('/')[0])).toEqual(
      [one, other, one, other].map(each => each.provider.id),
    )
    expect(one.simulator.requestCount + (one === other ? 0 : other.simulator.requestCount)).toBe(4)
  })
})
