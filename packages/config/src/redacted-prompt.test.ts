import { expect, test } from 'vitest'
import { redactedPrompt } from './redacted-prompt.ts'

test('text is kept; addresses, long numbers, credentials and media are not', () => {
  const prompt = redactedPrompt({
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          {
            type: 'text',
            text: 'Write to ada.lovelace@example.org or +49 170 1234567, card 4111 1111 1111 1111, key sk-abcdefghijklmnop, in 2026.',
          },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
        ],
      },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'c', content: 'mail bob@example.org' }] },
    ],
  })
  expect(prompt).toBe(
    'system: Be brief.\nuser: Write to [address] or [number], card [number], key [redacted], in 2026. [image]\ntool: mail [address]',
  )
})

test('it is cut, and a secret at the cut is found first', () => {
  const filler = 'x '.repeat(1_994)
  const prompt = redactedPrompt({ input: [`${filler}sk-${'a1'.repeat(18)}`, 'y'.repeat(9_000)] })
  expect(prompt.length).toBeLessThanOrEqual(4_001)
  expect(prompt).not.toContain('sk-a1')
})
