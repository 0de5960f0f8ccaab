import { describe, expect, test } from 'vitest'
import { providerSizes, sizeTable } from './provider-size.ts'

const kilobyte = 1024
const sizes = await providerSizes()

describe('what a provider takes', () => {
  test('every provider is seen', () => {
    const names = sizes.map(({ name }) => name)
    for (const name of ['openai', 'openai-compatible', 'openai-compatible/groq', 'openai-compatible/xai', 'ollama']) {
      expect(names).toContain(name)
    }
  })

  test.each(sizes.map(size => [size.name, size] as const))('%s', (_, size) => {
    const { preset, ownDialect, lines, own, withWire, withSdk } = size
    if (!ownDialect) expect(lines).toBeLessThanOrEqual(preset ? 40 : 250)
    // its bundle is at most its SDK and this
    expect(own).toBeLessThanOrEqual(8 * kilobyte)
    expect(own).toBeGreaterThan(100)
    expect(withWire).toBeGreaterThan(own)
    expect(withSdk).toBeGreaterThanOrEqual(own)
  })

  test('can be read', () => {
    expect(sizeTable(sizes.slice(0, 1))).toMatch(/^provider +files +lines +own code/)
  })
})
