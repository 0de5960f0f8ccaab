import { describe, expect, test } from 'vitest'
import { documentSteps } from './document-steps.ts'

const block = (info: string, code: string) => `${'```'}${info}\n${code}\n${'```'}\n`

describe('the steps of a page', () => {
  test('are its commands, what they print, and the files that it writes and changes, in their order', () => {
    const page = [
      block('sh', 'one\ntwo'),
      block('sh fails', 'three'),
      block('text', 'It failed.\n\nSo it did.'),
      block('ts file=src/a.ts', 'export const a = 1'),
      block('diff file=src/a.ts', '-export const a = 1\n+export const a = 2'),
    ].join('\n')
    expect(documentSteps(page)).toEqual([
      { type: 'command', command: 'one', fails: false, line: 2 },
      { type: 'command', command: 'two', fails: false, line: 3 },
      { type: 'command', command: 'three', fails: true, line: 7 },
      { type: 'output', lines: ['It failed.', 'So it did.'], line: 11 },
      { type: 'file', path: 'src/a.ts', text: 'export const a = 1\n', line: 17 },
      {
        type: 'change',
        path: 'src/a.ts',
        removed: 'export const a = 1\n',
        added: 'export const a = 2\n',
        line: 21,
      },
    ])
  })

  test('are not the examples that are checked as those of a README are', () => {
    expect(documentSteps(block('ts', 'export {}') + block('ts run', 'x') + block('yaml switchyard', 'a: 1'))).toEqual(
      [],
    )
  })

  test.each([
    ['bash', 'ls'],
    ['', 'ls'],
    ['yaml', 'a: 1'],
    ['json', '{}'],
    ['diff', '-a\n+b'],
    ['diff file=a', ' a\n+b'],
    ['diff file=a', '+b'],
  ])('a block that nothing would check is refused: %s', (info, code) => {
    expect(() => documentSteps(block(info, code))).toThrow('line 2')
  })
})
