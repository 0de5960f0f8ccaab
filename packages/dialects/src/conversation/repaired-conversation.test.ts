import type {
  AssistantPart,
  Message,
  OpaquePart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '@switchyard/core/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dropped } from '../dropped.ts'
import { type RepairOptions, repairedConversation } from './repaired-conversation.ts'

const call = (id: string): ToolCallPart => ({ type: 'tool-call', id, name: `tool_${id}`, input: {} })
const result = (callId: string, content = `result of ${callId}`): ToolResultPart => ({
  type: 'tool-result',
  callId,
  content,
})
const calling = (...ids: string[]): Message => ({ role: 'assistant', content: ids.map(call) })
const results = (...given: (string | ToolResultPart)[]): Message => ({
  role: 'tool',
  content: given.map(each => (typeof each === 'string' ? result(each) : each)),
})
const user: Message = { role: 'user', content: 'And?' }

function repaired(messages: readonly Message[], options?: RepairOptions) {
  const dropped = new Dropped('m', false)
  return { messages: repairedConversation(messages, dropped, options), warnings: dropped.warnings }
}

describe('a conversation in order', () => {
  it('is left as it is', () => {
    const messages = [user, calling('a', 'b'), results('b'), results('a'), user, calling('a'), results('a')]
    expect(repaired(messages)).toEqual({ messages, warnings: [] })
    expect(repaired(messages).messages).toBe(messages)
  })

  it('has its results in the order of their calls where the wire knows them by place', () => {
    const messages = [calling('a', 'b'), results('b'), results('a')]
    const { messages: ordered, warnings } = repaired(messages, { resultsInOrder: true })
    expect(ordered).toEqual([calling('a', 'b'), results('a', 'b')])
    const again = [...ordered, user, calling('c'), results('c')]
    expect(repaired(again, { resultsInOrder: true }).messages).toBe(again)
    expect(warnings).toEqual([])
  })
})

describe('a conversation that a server would refuse', () => {
  it('gets a late result back to its call, without a warning', () => {
    expect(repaired([calling('a'), user, results('a')])).toEqual({
      messages: [calling('a'), results('a'), user],
      warnings: [],
    })
  })

  it('gets a result for each call that has none, and says so', () => {
    const { messages, warnings } = repaired([calling('a', 'b'), results('a'), user])
    expect(messages).toEqual([
      calling('a', 'b'),
      results('a', { ...result('b', 'No result was recorded.'), name: 'tool_b', isError: true }),
      user,
    ])
    expect(warnings).toEqual([
      { setting: 'messages[0].content[1]', message: 'this tool call has no result; one is added that says so' },
    ])
  })

  it('has what answers nothing as a text of the user', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } } as const
    const { messages, warnings } = repaired([
      user,
      results('x', { ...result('y'), name: 'look', content: [image], isError: true }),
    ])
    expect(messages).toEqual([
      user,
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of a tool: result of x' },
          { type: 'text', text: 'Error of look:' },
          image,
        ],
      },
    ])
    expect(warnings.map(warning => warning.setting)).toEqual(['messages[1].content[0]', 'messages[1].content[1]'])
  })

  it('has each call answered once', () => {
    const { messages, warnings } = repaired([calling('a'), results('a'), user, results(result('a', 'again'))])
    expect(messages).toEqual([calling('a'), results('a'), user])
    expect(warnings).toEqual([
      {
        setting: 'messages[3].content[0]',
        message: 'it answers a call that is answered already, and is left out',
      },
    ])
  })

  it('has ids that every server takes, the same for a call and its result', () => {
    const odd = 'call:1/ünfit and far longer than the forty characters that are safe everywhere'
    const { messages } = repaired([calling(odd, 'fine'), results('fine', odd)])
    const [first, second] = messages as [Message & { content: ToolCallPart[] }, Message & { content: ToolResultPart[] }]
    expect(first.content[0]?.id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(first.content.map(part => part.id)).toEqual(second.content.map(part => part.callId))
    expect(first.content[1]?.id).toBe('fine')
    expect(second.content[0]?.content).toBe(`result of ${odd}`)
  })

  it('has ids that are unique within a message, and their results in the order of their calls', () => {
    const twice = [calling('a', 'b', 'a'), results(result('a', 'first'), 'b', result('a', 'second'))]
    const { messages, warnings } = repaired(twice)
    const [first, second] = messages as [Message & { content: ToolCallPart[] }, Message & { content: ToolResultPart[] }]
    const ids = first.content.map(part => part.id)
    expect(ids).toEqual(['a', 'b', expect.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)])
    expect(new Set(ids).size).toBe(3)
    expect(second.content.map(part => [part.callId, part.content])).toEqual([
      [ids[0], 'first'],
      [ids[1], 'result of b'],
      [ids[2], 'second'],
    ])
    expect(warnings).toEqual([])
    expect(repaired(messages).messages).toBe(messages)
    expect(repaired(twice).messages).toEqual(messages)
  })

  it('may have the same message in several places', () => {
    const same = calling('a')
    const answer = results('a')
    expect(repaired([answer, same, answer, user, same]).messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Result of a tool: result of a' }] },
      same,
      answer,
      user,
      same,
      results({ ...result('a', 'No result was recorded.'), name: 'tool_a', isError: true }),
    ])
  })

  it('is repaired in a time that grows with its length, whatever is wrong with it', () => {
    const ids = Array.from({ length: 15_000 }, (_, at) => `c${at}`)
    const many: readonly [readonly Message[], RepairOptions?][] = [
      [[calling(...ids), results(...ids)], { resultsInOrder: true }],
      [[calling(...ids), results(...ids.toReversed())]],
      [[calling(...ids), results(...ids.toReversed())], { resultsInOrder: true }],
      [[calling(...ids), user], { needsResult: () => false }],
      [[...ids.map(() => calling('a')), ...ids.map(() => results('a'))]],
      [[calling('z'), user, ...ids.flatMap(() => [calling('a'), results('a')])]],
      [[results(...ids), calling('z')]],
    ]
    const started = performance.now()
    for (const [messages, options] of many) repaired(messages, options)
    // half a second where it is linear, and far more where it is not
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  it('keeps what a dialect kept of a message of results', () => {
    const kept = { ...results('a'), extra: { d: { x: 1 } } } as Message
    expect(repaired([calling('a'), user, kept]).messages[1]).toEqual(kept)
    // of several messages no one's is that of the whole
    expect(repaired([calling('a', 'b'), user, kept, results('b')]).messages[1]).toEqual(results('a', 'b'))
  })

  it('may leave calls that need no result unanswered', () => {
    const needsResult = (each: ToolCallPart) => each.id !== 'old'
    const messages = [calling('old'), user, calling('new', 'old'), results('new')]
    expect(repaired(messages, { needsResult }).messages).toBe(messages)
    expect(repaired([calling('old', 'new'), user], { needsResult }).messages[1]).toMatchObject({
      content: [{ callId: 'new' }],
    })
  })

  it('takes a result for a call that only its dialect knows', () => {
    const special: Message = { role: 'assistant', content: [{ type: 'opaque', origin: 'd', value: 'special' }] }
    const opaqueCallIds = ({ value }: OpaquePart) => [String(value)]
    const inOrder = [special, results('special'), user, special]
    expect(repaired(inOrder, { opaqueCallIds }).messages).toBe(inOrder)
    expect(repaired([special, user, results('special')], { opaqueCallIds })).toEqual({
      messages: [special, results('special'), user],
      warnings: [],
    })
    expect(repaired(inOrder).messages[1]).toMatchObject({ role: 'user' })
  })

  it('is refused when strict, where something would be added or changed', () => {
    expect(() => repairedConversation([calling('a')], new Dropped('m', true))).toThrow(/messages\[0\].content\[0\]/)
  })
})

describe('any conversation', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'odd id!')
  const message = fc.oneof(
    fc.constant(user),
    fc.constant<Message>({ role: 'assistant', content: 'Said.' }),
    fc.array(id, { minLength: 1, maxLength: 4 }).map(ids => calling(...ids)),
    fc.array(id, { minLength: 1, maxLength: 4 }).map(ids => results(...ids)),
  )

  it('comes out such that each call is answered once and at once, and stays so', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.boolean(), (given, resultsInOrder) => {
        const { messages } = repaired(given, { resultsInOrder })
        const waiting: string[] = []
        for (const each of messages) {
          if (each.role !== 'tool') expect(waiting).toEqual([])
          if (typeof each.content === 'string') continue
          for (const part of each.content as readonly (AssistantPart | UserPart | ToolResultPart)[]) {
            if (part.type === 'tool-call') {
              expect(waiting).not.toContain(part.id)
              waiting.push(part.id)
            }
            if (part.type !== 'tool-result') continue
            if (resultsInOrder) expect(part.callId).toBe(waiting[0])
            expect(waiting).toContain(part.callId)
            waiting.splice(waiting.indexOf(part.callId), 1)
          }
        }
        expect(waiting).toEqual([])
        expect(repaired(messages, { resultsInOrder })).toEqual({ messages, warnings: [] })
      }),
    )
  })

  it('keeps everything but results that say again what was answered', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), given => {
        const { messages, warnings } = repaired(given)
        const count = (list: readonly Message[], type: string) =>
          list
            .flatMap((each): readonly { readonly type: string }[] =>
              typeof each.content === 'string' ? [] : each.content,
            )
            .filter(part => part.type === type).length
        const of = (kind: string) => warnings.filter(warning => warning.message.includes(kind)).length
        expect(count(messages, 'tool-call')).toBe(count(given, 'tool-call'))
        expect(count(messages, 'tool-result') + count(messages, 'text') + of('left out')).toBe(
          count(given, 'tool-result') + of('one is added'),
        )
        const others = (list: readonly Message[]) => list.filter(each => typeof each.content === 'string')
        expect(others(messages)).toEqual(others(given))
      }),
    )
  })
})
