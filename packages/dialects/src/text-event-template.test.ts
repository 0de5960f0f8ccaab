import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextEventTemplate } from './text-event-template.ts'

const event = (content: string, more: object = {}) =>
  JSON.stringify({ id: 'a', choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more })

describe('the template of text events', () => {
  it('reads the text of every event like the first, or leaves it to the parser, and never reads it wrong', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (first, next) => {
        const read = TextEventTemplate.of(event(first), first, 'content')?.textOf(event(next))
        expect(read === undefined || read === next).toBe(true)
      }),
    )
  })

  it('reads plain text without a parser', () => {
    expect(TextEventTemplate.of(event('Hello'), 'Hello', 'content')?.textOf(event(' wörld 👋'))).toBe(' wörld 👋')
  })

  it('leaves to the parser whatever differs elsewhere', () => {
    const template = TextEventTemplate.of(event('Hello'), 'Hello', 'content')
    expect(template?.textOf(event('x', { usage: {} }))).toBeUndefined()
    expect(template?.textOf(event('x').replace('"id":"a"', '"id":"b"'))).toBeUndefined()
    expect(template?.textOf(event(''))).toBeUndefined()
    expect(template?.textOf(event('say "x"'))).toBeUndefined()
    expect(template?.textOf('[DONE]')).toBeUndefined()
  })

  it('does not take a text for the end of the event', () => {
    const tricky = '"},"finish_reason":null}]}'
    expect(TextEventTemplate.of(event('Hello'), 'Hello', 'content')?.textOf(event(tricky))).toBeUndefined()
  })

  it('learns nothing of events with two contents, or with a text that is escaped', () => {
    expect(TextEventTemplate.of(event('x', { other: { content: 'y' } }), 'x', 'content')).toBeUndefined()
    expect(TextEventTemplate.of(event('a"b'), 'a"b', 'content')).toBeUndefined()
    expect(TextEventTemplate.of(event('x').replace('"content":"x"', '"content": "x"'), 'x', 'content')).toBeUndefined()
    expect(TextEventTemplate.of('{"content":"\\u0041"}', 'A', 'content')).toBeUndefined()
  })
})

describe('events that are counted', () => {
  const event = (number: number, text: string) => `{"sequence_number":${number},"at":0,"delta":"${text}","more":[]}`
  const template = TextEventTemplate.of(event(9, 'Hel'), 'Hel', 'delta', 'sequence_number')

  it('may differ in their number', () => {
    expect(template?.textOf(event(10, 'lo'))).toBe('lo')
    expect(template?.textOf(event(1000, '0'))).toBe('0')
  })

  it('may differ in nothing else', () => {
    for (const other of [
      event(10, 'lo').replace('"at":0', '"at":1'),
      event(10, 'lo').replace('[]', '[1]'),
      event(10, ''),
      event(10, 'a\\n'),
      '{"sequence_number":11","more":[]}',
    ])
      expect(template?.textOf(other)).toBeUndefined()
  })

  it('serve only where there is a number', () => {
    for (const data of ['{"delta":"Hel"}', '{"sequence_number":"9","delta":"Hel"}'])
      expect(TextEventTemplate.of(data, 'Hel', 'delta', 'sequence_number')).toBeUndefined()
  })
})
