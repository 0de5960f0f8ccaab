import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonLineParser } from './json-lines.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function read(text: string, cuts: readonly number[] = []): string[] {
  const parser = new JsonLineParser()
  const all = bytes(text)
  const places = [...cuts.map(cut => cut % (all.length + 1)).sort((first, second) => first - second), all.length]
  const found: string[] = []
  let from = 0
  for (const to of places) {
    found.push(...parser.push(all.subarray(from, to)))
    from = to
  }
  return [...found, ...parser.end()]
}

describe('JsonLineParser', () => {
  test('reads the same lines wherever the bytes are split, however lines end, the last one perhaps not at all', () => {
    const value = fc.jsonValue({ maxDepth: 2 }).map(given => JSON.stringify(given))
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            value,
            fc.string({ unit: 'grapheme', minLength: 1 }).map(text => JSON.stringify(text)),
          ),
        ),
        fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n'),
        fc.boolean(),
        fc.array(fc.nat(500)),
        (lines, end, closed, cuts) => {
          expect(read(lines.join(end) + (closed ? end : ''), cuts)).toEqual(lines)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('reads every split of one body the same', () => {
    const text = '\uFEFF{"a":"é👋"}\r\n\r\n{"b":"\\n"}\n\n[1]'
    const expected = ['{"a":"é👋"}', '{"b":"\\n"}', '[1]']
    const length = bytes(text).length
    for (let cut = 0; cut <= length; cut++) expect(read(text, [cut])).toEqual(expected)
    const everywhere = Array.from({ length }, (_, at) => at)
    expect(read(text, everywhere)).toEqual(expected)
  })

  test('gives a line as soon as its newline is there, and keeps the rest until the body ends', () => {
    const parser = new JsonLineParser()
    expect(parser.push(bytes('{"a":1}\n{"b"'))).toEqual(['{"a":1}'])
    expect(parser.push(bytes(':2}'))).toEqual([])
    expect(parser.end()).toEqual(['{"b":2}'])
    expect(new JsonLineParser().end()).toEqual([])
  })

  test.each([['0123456789abc'], ['0123456789abc\n'], ['01234567', '89abc'], ['01234567', '89abc\n']])(
    'refuses a line beyond its limit: %j %j',
    (...pieces) => {
      const parser = new JsonLineParser({ maximumLineLength: 12 })
      const push = () => {
        for (const piece of pieces) parser.push(bytes(piece))
      }
      expect(push).toThrow(expect.objectContaining({ kind: 'protocol' }))
    },
  )

  test('counts each line anew towards its limit', () => {
    const parser = new JsonLineParser({ maximumLineLength: 12 })
    for (let turn = 0; turn < 5; turn++) {
      expect(parser.push(bytes('01234'))).toEqual([])
      expect(parser.push(bytes('56789\n'))).toEqual(['0123456789'])
    }
  })
})
