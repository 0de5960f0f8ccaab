import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ServerSentEventParser } from './server-sent-events.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function read(text: string, cuts: readonly number[] = []): unknown[] {
  const parser = new ServerSentEventParser()
  const all = bytes(text)
  const places = [...cuts.map(cut => cut % (all.length + 1)).sort((first, second) => first - second), all.length]
  let from = 0
  const found: unknown[] = []
  for (const to of places) {
    found.push(...parser.push(all.subarray(from, to)))
    from = to
  }
  return found
}

const event = (data: string, name = '') => ({ type: 'event', event: name, data })

describe('ServerSentEventParser', () => {
  test('reads the same events wherever the bytes are split and however lines end', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 8 }).map(text => text.replace(/[\r\n]/g, ''))
    const events = fc.array(fc.record({ name: line, data: fc.array(line, { minLength: 1, maxLength: 3 }) }))
    fc.assert(
      fc.property(
        events,
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(500)),
        fc.boolean(),
        (sent, end, cuts, mark) => {
          const text = sent
            .map(({ name, data }) => [`event: ${name}`, ...data.map(part => `data: ${part}`), '', ''].join(end))
            .join('')
          const expected = sent.map(({ name, data }) => event(data.join('\n'), name))
          expect(read((mark ? '\uFEFF' : '') + text, cuts)).toEqual(expected)
        },
      ),
    )
  })

  test('reads every split of one stream the same', () => {
    const text = '\uFEFF: hello\r\n\r\ndata: {"a":"é👋"}\r\n\r\nevent: error\rdata:x\r\rdata: [DONE]\n\n'
    const expected = [{ type: 'comment' }, event('{"a":"é👋"}'), event('x', 'error'), event('[DONE]')]
    const length = bytes(text).length
    for (let cut = 0; cut <= length; cut++) expect(read(text, [cut])).toEqual(expected)
    expect(
      read(
        text,
        Array.from({ length }, (_, at) => at),
      ),
    ).toEqual(expected)
  })

  test('ignores fields it does not know, and takes a field without a colon or a space', () => {
    expect(read('id: 7\nretry: 10\ndata\ndata:two\nnonsense\n\n')).toEqual([event('\ntwo')])
  })

  test('makes no event of blank lines or of a name without data', () => {
    expect(read('\n\nevent: ping\n\ndata: a\n\n')).toEqual([event('a')])
  })

  test('keeps an unfinished event until the body ends', () => {
    const parser = new ServerSentEventParser()
    expect(parser.push(bytes('data: [DO'))).toEqual([])
    expect(parser.push(bytes('NE]'))).toEqual([])
    expect(parser.end()).toEqual([event('[DONE]')])
    expect(new ServerSentEventParser().end()).toEqual([])
  })

  test.each(['data: 0123456789abcdef', 'data: 0123456789\ndata: abcdefghijkl\ndata: more\n'])(
    'refuses an event beyond its limit: %j',
    text => {
      const parser = new ServerSentEventParser({ maximumEventLength: 12 })
      expect(() => parser.push(bytes(text))).toThrow(expect.objectContaining({ kind: 'protocol' }))
    },
  )

  test('counts each event anew towards its limit', () => {
    const parser = new ServerSentEventParser({ maximumEventLength: 12 })
    for (let turn = 0; turn < 5; turn++) {
      expect(parser.push(bytes('data: 0'))).toEqual([])
      expect(parser.push(bytes('1\n\n'))).toEqual([event('01')])
    }
  })
})
