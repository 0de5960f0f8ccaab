import { describe, expect, test } from 'vitest'
import { absentPart, errorInWords, isErrorInWords } from './error-in-words.ts'

describe('the result of a tool that failed', () => {
  test.each([
    ['no such file', 'Error: no such file'],
    ['', 'Error'],
    ['error: no such file', 'error: no such file'],
    ['[ERROR] no such file', '[ERROR] no such file'],
  ])('%j says so as %j, once', (text, told) => {
    expect(errorInWords(text)).toBe(told)
    expect(isErrorInWords(told)).toBe(true)
    expect(errorInWords(told)).toBe(told)
  })

  test('is not every result that has an error in it', () => {
    expect(isErrorInWords('0 errors')).toBe(false)
  })
})

test('what a wire cannot show is told in its place', () => {
  expect((['image', 'audio', 'document', 'text', 'opaque'] as const).map(absentPart)).toEqual([
    '(An image was here, which cannot be shown.)',
    '(An audio was here, which cannot be shown.)',
    '(A document was here, which cannot be shown.)',
    '(A document was here, which cannot be shown.)',
    '(Something was here, which cannot be shown.)',
  ])
})
