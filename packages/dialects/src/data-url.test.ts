import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64Bytes, dataUrl, isBase64, parseDataUrl } from './data-url.ts'

test('a data URL is parsed as it was made, and its size is known without decoding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), bytes => {
      const data = Buffer.from(bytes).toString('base64')
      const source = { mediaType: 'image/png', data }
      expect(parseDataUrl(dataUrl(source))).toEqual(source)
      expect(isBase64(data)).toBe(true)
      expect(base64Bytes(data)).toBe(bytes.length)
    }),
  )
})

test.each([
  'https://a.example',
  'data:image/png;base64',
  'data:image/png,abc',
  'data:;base64,abc',
  'data:png;base64,a',
])('%s is no base64 data URL', url => {
  expect(parseDataUrl(url)).toBeUndefined()
})

test.each(['', 'a b=', 'abcde', '===', 'ab=c', 'aä=='])('%j is not base64', text => {
  expect(isBase64(text)).toBe(false)
})
